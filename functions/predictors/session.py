"""ONNX Runtime sessions with the options for a small machine."""

from __future__ import annotations

import onnxruntime

from functions.core.errors import DamagedVersionError

LOG_ERRORS_ONLY = 3
"""ONNX Runtime's severities go from 0, verbose, to 4, fatal."""


def session_options() -> onnxruntime.SessionOptions:
    """Options of a session that logs nothing but errors."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = LOG_ERRORS_ONLY
    return options


def open_session(graph: bytes, *, threads: int = 1, is_optimised: bool = False) -> onnxruntime.InferenceSession:
    """Open a session on one thread: more never helped tables, and Lambda sells CPU by memory.

    A graph that is optimised already runs as it is, which saves the time to optimise it again.
    Raises DamagedVersionError for bytes that are no graph, or one that this ONNX Runtime cannot run.
    """
    options = session_options()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    if is_optimised:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # errors of onnxruntime share no public base class
        raise DamagedVersionError(
            f"model.onnx cannot be run by ONNX Runtime {onnxruntime.__version__}: {error}"
        ) from error
    session._model_bytes = None  # the session would keep the whole file in memory, and never reads it again
    return session
