"""ONNX Runtime's own optimisations, done once when a version is made instead of at every start."""

from __future__ import annotations

import tempfile
from pathlib import Path

import onnxruntime

from functions.predictors.session import session_options

SLOWER = ["SkipLayerNormFusion"]
"""Its kernel for CPUs is not vectorised: a quantized Longformer of base size loses some percent by it."""


def optimised(graph: bytes) -> bytes:
    """`graph` as ONNX Runtime would rewrite it at load; the level leaves out what depends on the machine's CPU."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "optimised.onnx")
        options = session_options()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        options.optimized_model_filepath = str(path)
        onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOWER)
        return path.read_bytes()
