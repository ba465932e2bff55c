"""Stacks, votes and calibrated classifiers: the arithmetic on the outputs of their members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx

from model_export.pipelines.convert.decisions import DECISIONS
from model_export.pipelines.convert.graph import Graph, InexactError, Tensor
from model_export.pipelines.convert.isotonic import between_thresholds
from model_export.pipelines.convert.probabilities import by_highest, by_sign, highest, shares

LEAST_CHANCE = 1e-12
"""Added to probabilities before their logarithm, by scikit-learn."""


class Column:
    """Predictions [N] as one column of doubles."""


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of several outputs, weighted or not; where it classifies, the class of the highest mean too."""

    weights: tuple[float, ...] | None
    classifies: bool = True


@dataclass(frozen=True, slots=True)
class Count:
    """Votes counted by class, each with its weight: the class with the most votes, and the decision.

    The decision is the votes for each class, [N, classes]; with two classes the votes for the second, less those for
    the first, [N, 1].
    """

    weights: tuple[float, ...]
    classes: int


@dataclass(frozen=True, slots=True)
class Scores:
    """A classifier's decision_function, [N, classes], or [N, 1] with two classes."""

    estimator: Any


@dataclass(frozen=True, slots=True)
class Calibrate:
    """From scores to probabilities [N, classes], by the calibrators of one fold of a CalibratedClassifierCV."""

    estimator: Any
    fold: Any


def convert_column(graph: Graph, column: Column, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    doubles = graph.op("Cast", inputs[0].name, to=onnx.TensorProto.DOUBLE)
    return (graph.op("Reshape", doubles, graph.integers(-1, 1)),)


def convert_mean(graph: Graph, mean: Mean, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """Add one output after the other, as numpy adds along the first axis: another order rounds otherwise."""
    weights = mean.weights or (1.0,) * len(inputs)
    total = ""
    for tensor, weight in zip(inputs, weights, strict=True):
        part = tensor.name if weight == 1 else graph.op("Mul", tensor.name, graph.constant(np.array(weight)))
        total = graph.op("Add", total, part) if total else part
    average = graph.op("Div", total, graph.constant(np.array(float(sum(weights)))))
    return (highest(graph, average), average) if mean.classifies else (average,)


def convert_count(graph: Graph, count: Count, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """The votes are labels [N]; the first of classes with equal votes wins, as numpy's argmax decides."""
    every = graph.integers(*range(count.classes))
    votes = ""
    for tensor, weight in zip(inputs, count.weights, strict=True):
        chosen = graph.op("Equal", graph.op("Reshape", tensor.name, graph.integers(-1, 1)), every)
        vote = graph.op("Where", chosen, graph.constant(np.array(weight)), graph.constant(np.array(0.0)))
        votes = graph.op("Add", votes, vote) if votes else vote
    if count.classes > 2:
        return by_highest(graph, votes)
    return by_sign(graph, graph.op("Sub", graph.gather(votes, [1]), graph.gather(votes, [0])))


def convert_scores(graph: Graph, scores: Scores, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    convert = DECISIONS.get(type(scores.estimator))
    if convert is None:
        names = ", ".join(kind.__name__ for kind in DECISIONS)
        raise InexactError(f"its scores have no exact form; use one of {names}")
    return (convert(graph, scores.estimator, inputs),)


def convert_calibrate(graph: Graph, calibrate: Calibrate, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    fold = calibrate.fold
    if fold.method == "temperature":
        return (_temperature(graph, fold, inputs[0].name),)
    learned = _sigmoid if fold.method == "sigmoid" else _isotonic
    calibrated = [
        learned(graph, calibrator, graph.gather(inputs[0].name, [column]))
        for column, calibrator in enumerate(fold.calibrators)
    ]
    if len(calibrated) > 1:
        return (shares(graph, graph.concat(calibrated)),)
    return (graph.concat([graph.op("Sub", graph.constant(np.array(1.0)), calibrated[0]), calibrated[0]]),)


def _sigmoid(graph: Graph, calibrator: Any, x: str) -> str:
    scaled = graph.op("Mul", graph.constant(np.array(float(calibrator.a_))), x)
    moved = graph.op("Add", scaled, graph.constant(np.array(float(calibrator.b_))))
    return graph.op("Sigmoid", graph.op("Neg", moved))


def _isotonic(graph: Graph, calibrator: Any, x: str) -> str:
    return between_thresholds(graph, calibrator.X_thresholds_, calibrator.y_thresholds_, x)


def _temperature(graph: Graph, fold: Any, x: str) -> str:
    """softmax(beta logits); the logits of a decision are itself, those of probabilities their logarithms."""
    one = graph.constant(np.array(1.0))
    classes = len(fold.classes)
    if hasattr(fold.estimator, "decision_function"):
        logits = graph.concat([graph.op("Neg", x), x]) if classes == 2 else x
    else:
        chances = graph.concat([graph.op("Sub", one, x), x]) if classes == 2 else x
        logits = graph.op("Log", graph.op("Add", chances, graph.constant(np.array(LEAST_CHANCE))))
    return graph.op(
        "Softmax", graph.op("Mul", graph.constant(np.array(float(fold.calibrators[0].beta_))), logits), axis=1
    )
