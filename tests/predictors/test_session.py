"""A session runs the graph that it was given, and holds no copy of the file."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from functions.core.errors import DamagedVersionError
from functions.predictors.session import open_session, session_options

released: list[int] = []


class Watched(bytes):
    """Bytes of a file that record their own release."""

    def __del__(self) -> None:
        released.append(len(self))


def _doubling() -> bytes:
    taken, given = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [None]) for name in ("x", "y"))
    graph = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "doubling", [taken], [given])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def test_the_file_is_released_once_its_session_is_open() -> None:
    body = _doubling()
    released.clear()
    session = open_session(Watched(body))
    assert released == [len(body)]
    (found,) = session.run(None, {"x": np.array([1.5, 2], np.float32)})
    assert found.tolist() == [3, 4]


def test_what_is_no_graph_is_a_damaged_version() -> None:
    with pytest.raises(DamagedVersionError, match=r"model\.onnx cannot be run by ONNX Runtime"):
        open_session(b"no graph")


def test_a_session_logs_errors_alone() -> None:
    assert session_options().log_severity_level == 3
