"""OneVsRestClassifier and OneVsOneClassifier: several classes from classifiers of two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx

from model_export.pipelines.convert.graph import Graph, Tensor
from model_export.pipelines.convert.inspection import decision_width, has_probabilities
from model_export.pipelines.convert.members import Parse, Parser, answer_of, least_score, score_of_second
from model_export.pipelines.convert.operators import Variables, by_kind, classification
from model_export.pipelines.convert.pairs import scores_of_pairs
from model_export.pipelines.convert.probabilities import above, highest
from model_export.pipelines.convert.side_by_side import parse_indicators


@dataclass(frozen=True, slots=True)
class AgainstRest:
    """From the scores of the members [N, 1], and then their probabilities if they have any."""

    members: int
    least: float


@dataclass(frozen=True, slots=True)
class AgainstEach:
    """From the labels of the members [N], and then their scores [N, 1]."""

    classes: int
    least: float


def parse_one_against_rest(
    scope: Any, ensemble: Any, inputs: Variables, parse: Parse, decisions: Mapping[type, Parser]
) -> Variables:
    if ensemble.multilabel_:
        return parse_indicators(scope, ensemble, inputs, parse, decisions)
    members = ensemble.estimators_
    answers = [score_of_second(scope, member, inputs, parse, decisions) for member in members]
    if has_probabilities(ensemble):
        answers += [answer_of(scope, member, "predict_proba", inputs, parse, decisions) for member in members]
    width = len(ensemble.classes_) if has_probabilities(ensemble) else decision_width(ensemble)
    return classification(scope, AgainstRest(len(members), least_score(members[0])), answers, width)


def parse_one_against_rest_decision(
    scope: Any, ensemble: Any, inputs: Variables, parse: Parse, decisions: Mapping[type, Parser]
) -> Variables:
    members = ensemble.estimators_
    answers = [answer_of(scope, member, "decision_function", inputs, parse, decisions) for member in members]
    return by_kind(scope, answers)


def parse_one_against_one(
    scope: Any, ensemble: Any, inputs: Variables, parse: Parse, decisions: Mapping[type, Parser]
) -> Variables:
    members = ensemble.estimators_
    labels = [parse(scope, member, inputs)[0] for member in members]
    scores = [score_of_second(scope, member, inputs, parse, decisions) for member in members]
    against = AgainstEach(len(ensemble.classes_), least_score(members[0]))
    return classification(scope, against, [*labels, *scores], decision_width(ensemble))


def convert_against_rest(graph: Graph, against: AgainstRest, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    scores = graph.concat([tensor.name for tensor in inputs[: against.members]])
    label = above(graph, graph.flat(scores), against.least) if against.members == 1 else highest(graph, scores)
    if len(inputs) == against.members:
        return label, scores
    chances = graph.concat([tensor.name for tensor in inputs[against.members :]])
    if against.members == 1:
        chances = graph.concat([graph.op("Sub", graph.constant(np.array(1.0)), chances), chances])
    total = graph.op("ReduceSum", chances, graph.integers(1), keepdims=1)
    one, zero = graph.constant(np.array(1.0)), graph.constant(np.array(0.0))
    return label, graph.op("Div", chances, graph.op("Where", graph.op("Equal", total, zero), one, total))


def convert_against_each(graph: Graph, against: AgainstEach, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    count = len(inputs) // 2
    labels = [graph.op("Reshape", tensor.name, graph.integers(-1, 1)) for tensor in inputs[:count]]
    confidences = graph.concat([tensor.name for tensor in inputs[count:]])
    second_wins = graph.op("Cast", graph.concat(labels), to=onnx.TensorProto.BOOL)
    scores = scores_of_pairs(graph, second_wins, confidences, against.classes)
    if against.classes > 2:
        return highest(graph, scores), scores
    second = graph.gather(scores, [1])
    return above(graph, graph.flat(second), against.least), second
