"""Predictions for validated instances, with ONNX Runtime, numpy and no training library."""
