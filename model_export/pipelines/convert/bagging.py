"""Bagging: the mean of members that each look at some columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx

from model_export.pipelines.convert.combining import Mean
from model_export.pipelines.convert.graph import Graph, Tensor
from model_export.pipelines.convert.inspection import has_probabilities
from model_export.pipelines.convert.members import Parse
from model_export.pipelines.convert.operators import Variables, classification, columns, selected, values


@dataclass(frozen=True, slots=True)
class Placed:
    """Probabilities [N, classes] of a member that knows some of the classes, or of one that has nothing but labels.

    `places` are its classes among those of the ensemble.
    """

    places: tuple[int, ...]
    classes: int
    is_label: bool


def parse_bagging_classifier(scope: Any, bagging: Any, inputs: Variables, parse: Parse) -> Variables:
    count = len(bagging.classes_)
    answers = []
    for member, features in _members(bagging):
        label, second = parse(scope, member, selected(scope, inputs, features))
        places = tuple(int(place) for place in member.classes_)
        if has_probabilities(member) and len(places) == count:
            answers.append(second)
            continue
        is_label = not has_probabilities(member)
        answers.append(columns(scope, Placed(places, count, is_label), [label if is_label else second], count))
    return classification(scope, Mean(None), answers, count)


def parse_bagging_regressor(scope: Any, bagging: Any, inputs: Variables, parse: Parse) -> Variables:
    answers = [parse(scope, member, selected(scope, inputs, features))[0] for member, features in _members(bagging)]
    return values(scope, Mean(None, classifies=False), answers)


def convert_placed(graph: Graph, placed: Placed, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    if placed.is_label:
        label = graph.op("Reshape", inputs[0].name, graph.integers(-1, 1))
        chosen = graph.op("Gather", graph.integers(*placed.places), label, axis=0)
        votes = graph.op("Equal", chosen, graph.integers(*range(placed.classes)))
        return (graph.op("Cast", votes, to=onnx.TensorProto.DOUBLE),)
    # One more column, of zeros, stands for the classes that it lacks.
    zero = graph.op("Mul", graph.gather(inputs[0].name, [0]), graph.constant(np.array(0.0)))
    padded = graph.concat([inputs[0].name, zero])
    order = [
        placed.places.index(place) if place in placed.places else len(placed.places) for place in range(placed.classes)
    ]
    return (graph.gather(padded, order),)


def _members(bagging: Any) -> list[tuple[Any, list[int]]]:
    pairs = zip(bagging.estimators_, bagging.estimators_features_, strict=True)
    return [(member, [int(feature) for feature in features]) for member, features in pairs]
