"""Checkpoints of Hugging Face, of any task: fetched, loaded, exported to an exact ONNX graph, proven, quantized."""
