"""Question-answering checkpoints: loaded, exported to an exact ONNX graph, proven, published."""
