"""From validated instances to predictions with ONNX Runtime, numpy and nothing else."""
