"""A graph optimised ahead of time runs as it is, and gives the same."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import pytest

from tests.model_export.checkpoints.exported import Exported

pytest.importorskip("torch", reason="exporting needs torch, which this environment lacks")
pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")

from functions.predictors.session import open_session
from model_export.checkpoints.graph import optimised
from model_export.checkpoints.logits import graph_logits
from model_export.question_answering.parity import OUTPUTS, RandomInputs, Row

ANYWHERE = {"", "ai.onnx", "com.microsoft"}
ROWS = [Row(4, 200), Row(9, 60), Row(1, 8)]


@pytest.mark.parametrize("family", ["longformer", "bert"])
def test_an_optimised_graph_gives_the_same_in_fewer_steps(exported: Callable[[str], Exported], family: str) -> None:
    one = exported(family)
    arrays = RandomInputs(one.checkpoint).arrays(ROWS, seed=0)
    faster = optimised(one.graph)
    plain, found = open_session(one.graph), open_session(faster, is_optimised=True)
    for ours, theirs in zip(graph_logits(found, OUTPUTS, arrays), graph_logits(plain, OUTPUTS, arrays), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert len(onnx.load_from_string(faster).graph.node) < 0.8 * len(onnx.load_from_string(one.graph).graph.node)


@pytest.mark.parametrize("family", ["longformer", "bert"])
def test_an_optimised_graph_holds_nothing_of_this_machine(exported: Callable[[str], Exported], family: str) -> None:
    graph = onnx.load_from_string(optimised(exported(family).graph)).graph
    assert {node.domain for node in graph.node} <= ANYWHERE
