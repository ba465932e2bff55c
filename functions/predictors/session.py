"""ONNX Runtime sessions with the options for a small machine."""

from __future__ import annotations

import os

import onnxruntime

from functions.core.errors import DamagedVersionError

LOG_ERRORS_ONLY = 3
"""ONNX Runtime's severities go from 0, verbose, to 4, fatal."""


EXTERNAL_DATA_FOLDER = "session.model_external_initializers_file_folder_path"
EXTERNAL_DATA = "External data"
"""Words of ONNX Runtime about a graph that names other files for its weights."""


def session_options() -> onnxruntime.SessionOptions:
    """Options of a session that logs nothing but errors, and reads no file but the graph that it is given.

    A graph may name files with its weights, which ONNX Runtime would look for in the working directory.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = LOG_ERRORS_ONLY
    options.add_session_config_entry(EXTERNAL_DATA_FOLDER, os.devnull)  # which is no folder, so that nothing is in it
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
            f"model.onnx cannot be run by ONNX Runtime {onnxruntime.__version__}: {error}{_remedy(str(error))}"
        ) from error
    session._model_bytes = None  # the session would keep the whole file in memory, and never reads it again
    return session


def _remedy(text: str) -> str:
    if EXTERNAL_DATA not in text:
        return ""
    return "; a version is one graph, so save it with its weights inside: onnx.save_model(onnx.load(path), path)"
