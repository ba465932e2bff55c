"""AdaBoost: votes of classifiers, and the weighted median of regressors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx

from model_export.pipelines.convert.forests import are_trees, last_sum, sum_of_leaves
from model_export.pipelines.convert.graph import Graph, Tensor
from model_export.pipelines.convert.inspection import decision_width
from model_export.pipelines.convert.members import Parse, numbers_of
from model_export.pipelines.convert.operators import Variables, classification, columns, values
from model_export.pipelines.convert.probabilities import highest, of_classes
from model_export.pipelines.convert.trees import as_float32, ensemble, of_tree


@dataclass(frozen=True, slots=True)
class BoostedVotes:
    """From the labels of the members [N] to the ensemble's label and probabilities, or to its decision alone.

    Where all members are trees, it is from the rows themselves.
    """

    estimator: Any
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Median:
    """The median of the predictions of the members [N], by their weights; of trees, from the rows themselves."""

    estimator: Any


def parse_adaboost_classifier(scope: Any, boosted: Any, inputs: Variables, parse: Parse) -> Variables:
    answers = _answers(scope, boosted, inputs, parse)
    return classification(scope, BoostedVotes(boosted), answers, len(boosted.classes_))


def parse_adaboost_decision(scope: Any, boosted: Any, inputs: Variables, parse: Parse) -> Variables:
    answers = _answers(scope, boosted, inputs, parse)
    return [columns(scope, BoostedVotes(boosted, decides=True), answers, decision_width(boosted))]


def parse_adaboost_regressor(scope: Any, boosted: Any, inputs: Variables, parse: Parse) -> Variables:
    return values(scope, Median(boosted), _answers(scope, boosted, inputs, parse))


def _answers(scope: Any, boosted: Any, inputs: Variables, parse: Parse) -> Variables:
    if are_trees(boosted.estimators_):
        return numbers_of(scope, boosted, inputs)
    return [parse(scope, member, inputs)[0] for member in boosted.estimators_]


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
    members = estimator.estimators_
    classes = len(estimator.classes_)
    weights = np.asarray(estimator.estimator_weights_[: len(members)], dtype=np.float64)
    gained, lost = weights, -1 / (classes - 1) * weights
    if are_trees(members):
        votes = [_votes(estimator, member, *pair) for member, *pair in zip(members, gained, lost, strict=True)]
        total = sum_of_leaves(graph, inputs[0].name, [member.tree_ for member in members], votes)
    else:
        pairs = zip(members, inputs, strict=True)
        places = graph.concat([_in_ensemble(graph, estimator, member, tensor) for member, tensor in pairs])
        chosen = graph.op("Equal", graph.op("Unsqueeze", places, graph.integers(2)), graph.integers(*range(classes)))
        votes_of_all = graph.op("Where", chosen, graph.doubles(1, -1, 1, of=gained), graph.doubles(1, -1, 1, of=lost))
        total = last_sum(graph, votes_of_all, len(members))
    return graph.op("Div", total, graph.constant(np.array(float(estimator.estimator_weights_.sum()))))


def _votes(estimator: Any, member: Any, gained: float, lost: float) -> Any:
    """[leaves, K] of one tree: what its label in each leaf adds to every class."""
    tree = member.tree_
    labels = tree.value[tree.children_left == -1, 0, :].argmax(axis=1)
    places = np.searchsorted(estimator.classes_, member.classes_)[labels]
    return np.where(places[:, np.newaxis] == np.arange(len(estimator.classes_)), gained, lost)


def convert_median(graph: Graph, median: Median, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """The first prediction, in their order, at which the weights reach half of their sum."""
    members = median.estimator.estimators_
    count = len(members)
    if are_trees(members):
        trees = [of_tree(member.tree_, member.tree_.value[:, 0, 0]) for member in members]
        predictions = ensemble(graph, as_float32(graph, inputs[0].name), trees, range(count))
    else:
        predictions = graph.concat([graph.op("Reshape", tensor.name, graph.integers(-1, 1)) for tensor in inputs])
    ordered, places = graph.op("TopK", predictions, graph.integers(count), outputs=2, axis=1, largest=0, sorted=1)
    weights = graph.doubles(-1, of=median.estimator.estimator_weights_[:count])
    reached = graph.op(
        "CumSum", graph.op("Gather", weights, places, axis=0), graph.constant(np.array(1, dtype=np.int64))
    )
    half = graph.op("Mul", graph.constant(np.array(0.5)), graph.gather(reached, [count - 1]))
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
