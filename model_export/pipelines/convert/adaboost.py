"""AdaBoost: votes of classifiers, and the weighted median of regressors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx

from model_export.pipelines.convert.graph import Graph, Tensor
from model_export.pipelines.convert.members import Parse
from model_export.pipelines.convert.operators import Variables, classification, columns, values
from model_export.pipelines.convert.probabilities import highest, of_classes


@dataclass(frozen=True, slots=True)
class BoostedVotes:
    """From the labels of the members [N] to the ensemble's label and probabilities, or to its decision alone."""

    estimator: Any
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Median:
    """The median of the predictions of the members [N], by their weights."""

    weights: tuple[float, ...]


def parse_adaboost_classifier(scope: Any, boosted: Any, inputs: Variables, parse: Parse) -> Variables:
    labels = [parse(scope, member, inputs)[0] for member in boosted.estimators_]
    return classification(scope, BoostedVotes(boosted), labels, len(boosted.classes_))


def parse_adaboost_decision(scope: Any, boosted: Any, inputs: Variables, parse: Parse) -> Variables:
    labels = [parse(scope, member, inputs)[0] for member in boosted.estimators_]
    width = len(boosted.classes_) if len(boosted.classes_) > 2 else 1
    return [columns(scope, BoostedVotes(boosted, decides=True), labels, width)]


def parse_adaboost_regressor(scope: Any, boosted: Any, inputs: Variables, parse: Parse) -> Variables:
    predictions = [parse(scope, member, inputs)[0] for member in boosted.estimators_]
    weights = boosted.estimator_weights_[: len(predictions)]
    return values(scope, Median(tuple(weights.tolist())), predictions)


def convert_boosted_votes(graph: Graph, boosted: BoostedVotes, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    decision = _decision(graph, boosted.estimator, inputs)
    classes = len(boosted.estimator.classes_)
    if classes > 2:
        if boosted.decides:
            return (decision,)
        _, probabilities = of_classes(graph, graph.op("Div", decision, graph.constant(np.array(float(classes - 1)))))
        return highest(graph, decision), probabilities
    score = graph.op("Sub", graph.gather(decision, [1]), graph.gather(decision, [0]))
    if boosted.decides:
        return (score,)
    # The first class is predicted at 0, as it is the first of equal ones.
    both = graph.concat([graph.op("Neg", score), score])
    _, probabilities = of_classes(graph, graph.op("Div", both, graph.constant(np.array(2.0))))
    return highest(graph, both), probabilities


def _decision(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> str:
    """[N, K]: each member adds its weight to its class, and takes a share of it off all others."""
    classes = len(estimator.classes_)
    weights = np.asarray(estimator.estimator_weights_[: len(inputs)], dtype=np.float64)
    members = zip(estimator.estimators_, inputs, strict=True)
    places = graph.concat([_in_ensemble(graph, estimator, member, tensor) for member, tensor in members])
    chosen = graph.op("Equal", graph.op("Unsqueeze", places, graph.integers(2)), graph.integers(*range(classes)))
    gained = graph.doubles(1, -1, 1, of=weights)
    lost = graph.doubles(1, -1, 1, of=-1 / (classes - 1) * weights)
    total = _last_sum(graph, graph.op("Where", chosen, gained, lost), len(inputs))
    return graph.op("Div", total, graph.constant(np.array(float(estimator.estimator_weights_.sum()))))


def convert_median(graph: Graph, median: Median, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """The first prediction, in their order, at which the weights reach half of their sum."""
    predictions = graph.concat([graph.op("Reshape", tensor.name, graph.integers(-1, 1)) for tensor in inputs])
    ordered, places = graph.op("TopK", predictions, graph.integers(len(inputs)), outputs=2, axis=1, largest=0, sorted=1)
    weights = graph.op("Gather", graph.doubles(-1, of=median.weights), places, axis=0)
    reached = graph.op("CumSum", weights, graph.constant(np.array(1, dtype=np.int64)))
    half = graph.op("Mul", graph.constant(np.array(0.5)), graph.gather(reached, [len(inputs) - 1]))
    above = graph.op("Cast", graph.op("GreaterOrEqual", reached, half), to=onnx.TensorProto.INT64)
    first = graph.op("ArgMax", above, axis=1, keepdims=1)
    return (graph.flat(graph.op("GatherElements", ordered, first, axis=1)),)


def _in_ensemble(graph: Graph, estimator: Any, member: Any, tensor: Tensor) -> str:
    """The labels [N, 1] of a member as places among the classes of the ensemble."""
    places = np.searchsorted(estimator.classes_, member.classes_)
    labels = graph.op("Reshape", tensor.name, graph.integers(-1, 1))
    if np.array_equal(places, np.arange(len(places))):
        return labels
    return graph.op("Gather", graph.integers(*places.tolist()), labels, axis=0)


def _last_sum(graph: Graph, parts: str, count: int) -> str:
    """[N, K] from [N, M, K]: CumSum adds one after the other; ReduceSum would add in blocks, which rounds otherwise."""
    sums = graph.op("CumSum", parts, graph.constant(np.array(1, dtype=np.int64)))
    return graph.op("Gather", sums, graph.constant(np.array(count - 1, dtype=np.int64)), axis=1)
