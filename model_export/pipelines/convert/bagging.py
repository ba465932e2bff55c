"""Bagging: the mean of members that each look at some columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx

from model_export.pipelines.convert.combining import Mean
from model_export.pipelines.convert.forests import are_trees, mean_of_leaves
from model_export.pipelines.convert.graph import Graph, Tensor
from model_export.pipelines.convert.inspection import decision_width, has_probabilities
from model_export.pipelines.convert.members import Parse, Parser, answer_of, numbers_of
from model_export.pipelines.convert.operators import Variables, classification, columns, selected, values
from model_export.pipelines.convert.probabilities import highest
from model_export.pipelines.convert.targets import target_count
from model_export.pipelines.convert.trees import as_float32, ensemble, of_tree


@dataclass(frozen=True, slots=True)
class Placed:
    """Probabilities [N, classes] of a member that knows some of the classes, or of one that has nothing but labels.

    `places` are its classes among those of the ensemble.
    """

    places: tuple[int, ...]
    classes: int
    is_label: bool


@dataclass(frozen=True, slots=True)
class BaggedTrees:
    """From rows to the mean of trees that each look at some columns, for which one node is enough."""

    estimator: Any


def parse_bagging_classifier(scope: Any, bagging: Any, inputs: Variables, parse: Parse) -> Variables:
    count = len(bagging.classes_)
    if are_trees(bagging.estimators_):
        return classification(scope, BaggedTrees(bagging), numbers_of(scope, bagging, inputs), count)
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


def parse_bagging_decision(
    scope: Any, bagging: Any, inputs: Variables, parse: Parse, decisions: Mapping[type, Parser]
) -> Variables:
    """The mean of the decisions of the members."""
    answers = [
        answer_of(scope, member, "decision_function", selected(scope, inputs, features), parse, decisions)
        for member, features in _members(bagging)
    ]
    return [columns(scope, Mean(None, classifies=False), answers, decision_width(bagging))]


def parse_bagging_regressor(scope: Any, bagging: Any, inputs: Variables, parse: Parse) -> Variables:
    targets = target_count(bagging)
    if are_trees(bagging.estimators_):
        return values(scope, BaggedTrees(bagging), numbers_of(scope, bagging, inputs), targets)
    answers = [parse(scope, member, selected(scope, inputs, features))[0] for member, features in _members(bagging)]
    return values(scope, Mean(None, classifies=False), answers, targets)


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


def convert_bagged_trees(graph: Graph, bagged: BaggedTrees, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    estimator = bagged.estimator
    members = [(member, np.array(features)) for member, features in _members(estimator)]
    trees, columns_of_trees = [member.tree_ for member, _ in members], [features for _, features in members]
    if members[0][0].n_outputs_ > 1:
        leaves = [tree.value[tree.children_left == -1, :, 0] for tree in trees]
        return (mean_of_leaves(graph, inputs[0].name, trees, leaves, columns_of_trees),)
    if not hasattr(estimator, "classes_"):
        weighted = [
            of_tree(tree, tree.value[:, 0, 0], columns) for tree, columns in zip(trees, columns_of_trees, strict=True)
        ]
        total = ensemble(graph, as_float32(graph, inputs[0].name), weighted, [0] * len(trees))
        return (graph.flat(graph.op("Div", total, graph.constant(np.array(float(len(trees)))))),)
    fractions = []
    for member, _ in members:
        known = member.tree_.value[member.tree_.children_left == -1, 0, :]
        placed = np.zeros((len(known), len(estimator.classes_)))
        placed[:, member.classes_.astype(int)] = known
        fractions.append(placed)
    probabilities = mean_of_leaves(graph, inputs[0].name, trees, fractions, columns_of_trees)
    return highest(graph, probabilities), probabilities


def _members(bagging: Any) -> list[tuple[Any, list[int]]]:
    pairs = zip(bagging.estimators_, bagging.estimators_features_, strict=True)
    return [(member, [int(feature) for feature in features]) for member, features in pairs]
