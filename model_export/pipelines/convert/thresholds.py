"""FixedThresholdClassifier and TunedThresholdClassifierCV: another bound between two classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx

from model_export.pipelines.convert.graph import Graph, Tensor
from model_export.pipelines.convert.inspection import has_probabilities
from model_export.pipelines.convert.members import Parse, Parser, answer_of
from model_export.pipelines.convert.operators import Variables, classification


@dataclass(frozen=True, slots=True)
class Bound:
    """A class is predicted where its score is at least `least`; `positive` is its place, 0 or 1.

    The inputs are the score of the second class [N, 1], and what the estimator inside answers next to its label.
    """

    least: float
    positive: int
    of_probabilities: bool


def bounded(classifier: Any) -> Any:
    """The fitted estimator inside."""
    return getattr(classifier, "estimator_", classifier.estimator)


def parse_bound(
    scope: Any, classifier: Any, inputs: Variables, parse: Parse, decisions: Mapping[type, Parser]
) -> Variables:
    inner = bounded(classifier)
    method = _method(classifier, inner)
    score = answer_of(scope, inner, method, inputs, parse, decisions)
    second = parse(scope, inner, inputs)[1]
    bound = Bound(_least(classifier, method), _positive(classifier), method == "predict_proba")
    return classification(scope, bound, [score, second], 2 if has_probabilities(inner) else 1)


def parse_bound_decision(
    scope: Any, classifier: Any, inputs: Variables, parse: Parse, decisions: Mapping[type, Parser]
) -> Variables:
    return [answer_of(scope, bounded(classifier), "decision_function", inputs, parse, decisions)]


def convert_bound(graph: Graph, bound: Bound, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    score = graph.flat(inputs[0].name)
    if bound.positive == 0 and bound.of_probabilities:
        score = graph.flat(graph.gather(inputs[1].name, [0]))
    elif bound.positive == 0:
        score = graph.op("Neg", score)
    reached = graph.op("GreaterOrEqual", score, graph.constant(np.array(bound.least)))
    chosen = reached if bound.positive == 1 else graph.op("Not", reached)
    return graph.op("Cast", chosen, to=onnx.TensorProto.INT64), inputs[1].name


def _method(classifier: Any, inner: Any) -> str:
    asked = classifier.response_method
    if asked != "auto":
        return str(asked)
    return "predict_proba" if has_probabilities(inner) else "decision_function"


def _least(classifier: Any, method: str) -> float:
    if hasattr(classifier, "best_threshold_"):
        return float(classifier.best_threshold_)
    if classifier.threshold == "auto":
        return 0.5 if method == "predict_proba" else 0.0
    return float(classifier.threshold)


def _positive(classifier: Any) -> int:
    # A tuned classifier has the positive label in its private scorer alone.
    scorer = getattr(classifier, "_curve_scorer", None)
    label = classifier.pos_label if scorer is None else scorer._get_pos_label()
    return 1 if label is None else int(np.flatnonzero(classifier.classes_ == label)[0])
