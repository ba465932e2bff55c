"""ONNX Runtime sessions as a small machine wants them."""

from __future__ import annotations

import onnxruntime

from functions.core.errors import DamagedVersionError

ERRORS_ONLY = 3


def open_session(graph: bytes) -> onnxruntime.InferenceSession:
    """A session on one thread: more never helped models of this size, and Lambda sells CPU by memory.

    Raises DamagedVersionError for bytes that are no graph, or one that this ONNX Runtime cannot run.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = ERRORS_ONLY
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors share no public base class
        raise DamagedVersionError(
            f"model.onnx cannot be run by ONNX Runtime {onnxruntime.__version__}: {error}"
        ) from error
