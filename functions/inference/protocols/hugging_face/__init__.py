"""The Hugging Face Inference API: answers without an envelope, errors as {"error": "..."}."""
