"""ONNX Runtime sessions as a small machine wants them."""

from __future__ import annotations

import onnxruntime

from functions.core.errors import DamagedVersionError

ERRORS_ONLY = 3


def session_options() -> onnxruntime.SessionOptions:
    """Options of a session that logs nothing but errors."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = ERRORS_ONLY
    return options


def open_session(graph: bytes, *, threads: int = 1, is_optimised: bool = False) -> onnxruntime.InferenceSession:
    """A session on one thread: more never helped tables, and Lambda sells CPU by memory.

    A graph that is optimised already is run as it is, which saves the time to do it again.
    Raises DamagedVersionError for bytes that are no graph, or one that this ONNX Runtime cannot run.
    """
    options = session_options()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    if is_optimised:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors share no public base class
        raise DamagedVersionError(
            f"model.onnx cannot be run by ONNX Runtime {onnxruntime.__version__}: {error}"
        ) from error
    session._model_bytes = None  # it would hold the whole file for as long as it lives
    return session
