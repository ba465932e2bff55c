"""Optimisation of a graph by ONNX Runtime, once when a version is made instead of at every start."""

from __future__ import annotations

import tempfile
from pathlib import Path

import onnxruntime

from functions.predictors.session import session_options

SLOWER = ["SkipLayerNormFusion"]
"""Optimisations that make CPUs slower: the kernel of this one is not vectorised, which costs a quantized Longformer of
base size some percent of its speed."""


def optimised(graph: bytes) -> bytes:
    """`graph` as ONNX Runtime would rewrite it at load, without the optimisations that depend on the CPU."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "optimised.onnx")
        options = session_options()
        # The level above would lay out tensors for the CPU of this machine.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        options.optimized_model_filepath = str(path)
        onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOWER)
        return path.read_bytes()
