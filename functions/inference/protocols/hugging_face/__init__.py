"""The Hugging Face Inference API: bare answers, errors as {"error": "..."}."""
