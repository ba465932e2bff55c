"""Checkpoints that label texts: loaded, exported to an exact ONNX graph, proven, measured."""
