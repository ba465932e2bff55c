"""From a pipeline to a version in the registry: train, convert to ONNX, prove equal, gate, publish."""
