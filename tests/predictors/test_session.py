"""A session runs the graph that it was given, and holds no copy of the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.external_data_helper import set_external_data

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


def _with_weights_elsewhere(folder: Path, *, in_a_node: bool) -> bytes:
    """A graph that adds the numbers 0, 1, 2, ... of a file in the folder."""
    numbers = np.arange(300, dtype=np.float32)
    (folder / "weights.bin").write_bytes(numbers.tobytes())
    weights = numpy_helper.from_array(numbers, "weights")
    set_external_data(weights, "weights.bin", offset=0, length=numbers.nbytes)
    weights.ClearField("raw_data")
    nodes = [helper.make_node("Constant", [], ["weights"], value=weights)] if in_a_node else []
    nodes.append(helper.make_node("Add", ["x", "weights"], ["y"]))
    taken, given = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [300]) for name in ("x", "y"))
    graph = helper.make_graph(nodes, "elsewhere", [taken], [given], [] if in_a_node else [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString())


@pytest.mark.parametrize("in_a_node", [False, True])
def test_a_graph_reads_no_file_though_the_file_is_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_a_node: bool
) -> None:
    body = _with_weights_elsewhere(tmp_path, in_a_node=in_a_node)
    monkeypatch.chdir(tmp_path)
    unguarded = onnxruntime.SessionOptions()
    unguarded.log_severity_level = 4
    by_itself = onnxruntime.InferenceSession(body, unguarded, providers=["CPUExecutionProvider"])
    assert by_itself.run(None, {"x": np.zeros(300, np.float32)})[0][7] == 7  # which is why it has to be refused
    with pytest.raises(DamagedVersionError, match=r"External data.*save it with its weights inside"):
        open_session(body)


def test_a_graph_whose_weights_were_saved_inside_is_served(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(_with_weights_elsewhere(tmp_path, in_a_node=False))
    onnx.save_model(onnx.load(path), path)
    (found,) = open_session(path.read_bytes()).run(None, {"x": np.zeros(300, np.float32)})
    assert found[7] == 7


def test_what_is_no_graph_is_a_damaged_version() -> None:
    with pytest.raises(DamagedVersionError, match=r"model\.onnx cannot be run by ONNX Runtime"):
        open_session(b"no graph")


def test_a_session_logs_errors_alone() -> None:
    assert session_options().log_severity_level == 3
