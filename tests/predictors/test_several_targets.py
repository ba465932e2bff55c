"""Predictions of several targets: named, in the order of the schema, and never of the first target alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from functions.core.errors import DamagedVersionError, InvalidInputError
from functions.core.schema import Feature, Schema
from functions.core.tasks import GRAPH
from functions.predictors.by_task import open_predictor
from functions.predictors.several_targets import SeveralTargetsPredictor, divided

FEATURES = (Feature("a", "number"), Feature("b", "number", nullable=True))
NUMBERS = Schema(FEATURES, (Feature("precio €", "number"), Feature("a.b", "number")))
LABELS = Schema(FEATURES, (Feature("sold", "boolean"), Feature("level", "string")))
KINDS = {"label": TensorProto.INT64}


def graph(**outputs: Any) -> bytes:
    """A graph that answers these rows of a constant, plus the sum of nothing, for each row of the numbers."""
    nodes = [
        helper.make_node("Shape", ["numbers"], ["rows"], start=0, end=1),
        helper.make_node("Constant", [], ["one"], value_ints=[1]),
    ]
    for name, row in outputs.items():
        value = onnx.numpy_helper.from_array(np.array([row]), name)
        nodes += [
            helper.make_node("Constant", [], [f"{name}_row"], value=value),
            helper.make_node("Concat", ["rows", "one"], [f"{name}_shape"], axis=0),
            helper.make_node("Expand", [f"{name}_row", f"{name}_shape"], [name]),
        ]
    signature = [
        helper.make_tensor_value_info(name, KINDS.get(name, TensorProto.DOUBLE), [None, None]) for name in outputs
    ]
    numbers = helper.make_tensor_value_info("numbers", TensorProto.DOUBLE, [None, 2])
    made = helper.make_graph(nodes, "test", [numbers], signature)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


TABLE: Any = {"a": [1.0, 2.0], "b": [None, 3.0]}


def test_numbers_are_named_after_their_targets() -> None:
    predictor = open_predictor("tabular-regression", "pipeline", {GRAPH: graph(variable=[1.5, 2.0])}, NUMBERS, ())
    assert predictor.predict(TABLE) == [{"precio €": 1.5, "a.b": 2.0}] * 2


def test_labels_have_the_scores_of_their_own_target() -> None:
    served = graph(label=[1, 2], probabilities=[0.25, 0.75, 0.1, 0.2, 0.7])
    predictor = SeveralTargetsPredictor(served, LABELS, ((False, True), ("low", "mid", "high")))
    assert predictor.predict(TABLE)[0] == {
        "sold": {"label": "True", "score": 0.75, "scores": {"False": 0.25, "True": 0.75}},
        "level": {"label": "high", "score": 0.7, "scores": {"low": 0.1, "mid": 0.2, "high": 0.7}},
    }


def test_decisions_are_of_their_own_target() -> None:
    served = graph(label=[0, 1], decision=[-1.5, 0.1, 0.2, -0.7])
    predictor = SeveralTargetsPredictor(served, LABELS, ((False, True), ("low", "mid", "high")))
    assert predictor.predict(TABLE)[0] == {
        "sold": {"label": "False", "decision": -1.5},
        "level": {"label": "mid", "decision": {"low": 0.1, "mid": 0.2, "high": -0.7}},
    }


@pytest.mark.parametrize("row", [[1.5, math.nan], [math.inf, 1.0]])
def test_a_row_is_refused_if_any_target_is_not_finite(row: list[float]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        SeveralTargetsPredictor(graph(variable=row), NUMBERS).predict(TABLE)
    assert [fault.loc for fault in caught.value.faults] == [(0,), (1,)]


@pytest.mark.parametrize("row", [[1.5], [1.0, 2.0, 3.0]])
def test_a_graph_of_more_or_fewer_targets_is_damaged(row: list[float]) -> None:
    with pytest.raises(DamagedVersionError, match=f"the graph has {len(row)} targets, the schema 2"):
        SeveralTargetsPredictor(graph(variable=row), NUMBERS).predict(TABLE)


def test_labels_of_more_or_fewer_targets_are_damaged() -> None:
    with pytest.raises(DamagedVersionError, match="labels of 1 targets, and 2 targets"):
        SeveralTargetsPredictor(graph(label=[0, 0], probabilities=[0.5] * 4), LABELS, (("a", "b"),))


def test_labels_of_another_number_than_the_graph_has_are_damaged() -> None:
    predictor = SeveralTargetsPredictor(
        graph(label=[0, 0], probabilities=[0.5] * 4), LABELS, ((False, True), ("a", "b", "c"))
    )
    with pytest.raises(DamagedVersionError, match="the graph has 4 probabilities, and the labels 5"):
        predictor.predict(TABLE)


def test_the_numbers_of_each_target_follow_those_of_the_one_before() -> None:
    label, numbers = np.array([[0, 1, 0]]), np.arange(5.0).reshape(1, 5)
    widths = [part.shape[1] for _, part in divided(label, numbers, [2, 3, 2], "decision")]
    assert widths == [1, 3, 1]
    parts = divided(label, np.arange(6.0).reshape(1, 6), [2, 3, 1], "probabilities")
    assert [part.tolist() for _, part in parts] == [[[0.0, 1.0]], [[2.0, 3.0, 4.0]], [[5.0]]]
    assert [chosen.tolist() for chosen, _ in parts] == [[0], [1], [0]]
