"""Stacks, votes and calibrated classifiers: the arithmetic on the outputs of their members."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from sklearn import ensemble, linear_model, svm

from model_export.pipelines.convert import boosting, linear
from model_export.pipelines.convert.graph import Graph, InexactError, Tensor
from model_export.pipelines.convert.probabilities import highest, shares


class Column:
    """Predictions [N] as one column of doubles."""


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of several outputs, weighted or not; where it classifies, the class of the highest mean too."""

    weights: tuple[float, ...] | None
    classifies: bool = True


@dataclass(frozen=True, slots=True)
class Scores:
    """A classifier's decision_function, [N, classes], or [N, 1] with two classes."""

    estimator: Any


@dataclass(frozen=True, slots=True)
class Calibrate:
    """From scores to probabilities [N, classes], by the calibrators of one fold of a CalibratedClassifierCV."""

    estimator: Any
    fold: Any


SCORES: Mapping[type, Callable[[Graph, Any, Sequence[Tensor]], str]] = {
    linear_model.LogisticRegression: linear.linear_decision,
    linear_model.SGDClassifier: linear.linear_decision,
    linear_model.RidgeClassifier: linear.linear_decision,
    linear_model.Perceptron: linear.linear_decision,
    svm.LinearSVC: linear.linear_decision,
    ensemble.GradientBoostingClassifier: boosting.exact_decision,
    ensemble.HistGradientBoostingClassifier: boosting.histogram_decision,
}
"""Classifiers whose scores have an exact form; some of them have no probabilities of their own."""


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


def convert_scores(graph: Graph, scores: Scores, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    convert = SCORES.get(type(scores.estimator))
    if convert is None:
        raise InexactError(f"its scores have no exact form; use one of {', '.join(kind.__name__ for kind in SCORES)}")
    return (convert(graph, scores.estimator, inputs),)


def convert_calibrate(graph: Graph, calibrate: Calibrate, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    fold = calibrate.fold
    if fold.method not in ("sigmoid", "isotonic"):
        raise InexactError(f"method={fold.method!r} is not supported; set method='sigmoid' or 'isotonic'")
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
    """Linear between the thresholds, constant beyond them."""
    places, heights = (
        np.asarray(values, dtype=np.float64) for values in (calibrator.X_thresholds_, calibrator.y_thresholds_)
    )
    if len(places) == 1:
        return graph.op("Add", graph.op("Mul", x, graph.constant(np.array(0.0))), graph.constant(heights[:1]))
    low, high = graph.constant(np.array(places[0])), graph.constant(np.array(places[-1]))
    inside = graph.op("Clip", x, low, high)
    above = graph.op("Greater", inside, graph.doubles(1, -1, of=places))
    passed = graph.op("ReduceSum", graph.op("Cast", above, to=onnx.TensorProto.INT64), graph.integers(1), keepdims=1)
    end = graph.op("Max", passed, graph.integers(1))
    start = graph.op("Sub", end, graph.integers(1))
    x0, x1, y0, y1 = (
        graph.op("Gather", graph.constant(array), index, axis=0)
        for array, index in ((places, start), (places, end), (heights, start), (heights, end))
    )
    slope = graph.op("Div", graph.op("Sub", y1, y0), graph.op("Sub", x1, x0))
    return graph.op("Add", graph.op("Mul", slope, graph.op("Sub", inside, x0)), y0)
