"""Estimators with a member for each target: MultiOutputRegressor, MultiOutputClassifier, chains, OneVsRest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.multiclass import _ConstantPredictor

from model_export.pipelines.convert.baselines import repeated
from model_export.pipelines.convert.combining import Column
from model_export.pipelines.convert.graph import Graph, Tensor
from model_export.pipelines.convert.inspection import StepRefusal, has_probabilities
from model_export.pipelines.convert.members import Parse, Parser, answer_of, numbers_of, score_of_second
from model_export.pipelines.convert.operators import Variables, by_kind, classification, columns, values
from model_export.pipelines.convert.probabilities import above, pairs_of


@dataclass(frozen=True, slots=True)
class SideBySide:
    """From the predictions of the members, [N] each, to [N, members] in the order `places`."""

    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LabelsSideBySide:
    """From the labels of the members [N] and then their numbers [N, own], both in the order `places`."""

    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Indicators:
    """From the scores [N, 1] of the members, and then their probabilities [N, 1] if they have any.

    The label of each is 1 where the score is above `least`.
    """

    members: int
    least: float


@dataclass(frozen=True, slots=True)
class ClassOf:
    """The class itself, a number, from the label [N] of a member."""

    classes: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Steady:
    """One number [N, 1] for every row of a tensor."""

    number: float


class OneClass:
    """The label 0 [N] and the probability 1 [N, 1] for every row of a tensor."""


def parse_of_members(scope: Any, several: Any, inputs: Variables, parse: Parse) -> Variables:
    answers = [_of_member(scope, member, inputs, parse) for member in several.estimators_]
    return _joined(scope, several, answers, tuple(range(len(answers))))


def _of_member(scope: Any, member: Any, inputs: Variables, parse: Parse) -> Variables:
    """The outputs of a member; of one that was fitted on a single class the same for every row.

    HistGradientBoosting has two probabilities then, one for a class that does not exist.
    """
    is_steady = is_classifier(member) and len(member.classes_) == 1 and has_probabilities(member)
    return classification(scope, OneClass(), inputs[:1], 1) if is_steady else parse(scope, member, inputs)


def parse_chain(scope: Any, chain: Any, inputs: Variables, parse: Parse, decisions: Mapping[type, Parser]) -> Variables:
    """Each member gets the inputs and what the members before it predict, in the order of the chain."""
    rows = numbers_of(scope, chain, inputs)
    answers = []
    before: Variables = []
    for member in chain.estimators_:
        if is_classifier(member) and len(member.classes_) != 2:
            raise StepRefusal(chain, f"a target of it has {len(member.classes_)} classes; a chain is for two each")
        seen = by_kind(scope, [*rows, *before])
        answer = parse(scope, member, seen)
        answers.append(answer)
        before.append(_passed_on(scope, chain, member, answer, seen, parse, decisions))
    return _joined(scope, chain, answers, tuple(int(place) for place in np.argsort(chain.order_)))


def _passed_on(
    scope: Any,
    chain: Any,
    member: Any,
    answer: Variables,
    inputs: Variables,
    parse: Parse,
    decisions: Mapping[type, Parser],
) -> Any:
    """[N, 1] that the next members read: the prediction, the probability of the second class, or the decision."""
    method = getattr(chain, "chain_method_", "predict")
    if not is_classifier(member):
        return columns(scope, Column(), answer[:1], 1)
    if method == "predict":
        return columns(scope, ClassOf(tuple(map(float, member.classes_))), answer[:1], 1)
    if method == "predict_log_proba":
        raise StepRefusal(chain, "chain_method='predict_log_proba' is not supported; set 'predict_proba'")
    return answer_of(scope, member, method, inputs, parse, decisions)


def _joined(scope: Any, several: Any, answers: list[Variables], places: tuple[int, ...]) -> Variables:
    if len(answers) == 1:
        return answers[0]
    if not is_classifier(several):
        return values(scope, SideBySide(places), [answer[0] for answer in answers], targets=len(places))
    parts = [*(answer[0] for answer in answers), *(answer[1] for answer in answers)]
    return classification(scope, LabelsSideBySide(places), parts, targets=len(places))


def parse_indicators(
    scope: Any, ensemble: Any, inputs: Variables, parse: Parse, decisions: Mapping[type, Parser]
) -> Variables:
    """OneVsRestClassifier, fitted on a matrix of 0 and 1 with a column for each label."""
    members = ensemble.estimators_
    inputs = by_kind(scope, inputs)
    answers = [_score(scope, member, inputs, parse, decisions) for member in members]
    if has_probabilities(ensemble):
        answers += [_chance(scope, ensemble, member, inputs, parse, decisions) for member in members]
    decides = hasattr(members[0], "decision_function") and is_classifier(members[0])
    return classification(scope, Indicators(len(members), 0.0 if decides else 0.5), answers, targets=len(members))


def _score(scope: Any, member: Any, inputs: Variables, parse: Parse, decisions: Mapping[type, Parser]) -> Any:
    if isinstance(member, _ConstantPredictor):
        return _steady(scope, member, inputs)
    return score_of_second(scope, member, inputs, parse, decisions)


def _chance(
    scope: Any, ensemble: Any, member: Any, inputs: Variables, parse: Parse, decisions: Mapping[type, Parser]
) -> Any:
    if isinstance(member, _ConstantPredictor):
        return _steady(scope, member, inputs)
    if not has_probabilities(member):
        raise StepRefusal(
            ensemble,
            "its first label had one value in training, and its other members have no probabilities; "
            "fit it on rows with both values of that label",
        )
    return answer_of(scope, member, "predict_proba", inputs, parse, decisions)


def _steady(scope: Any, constant: Any, inputs: Variables) -> Any:
    """What scikit-learn puts in the place of a member for a label that never changed in training."""
    return columns(scope, Steady(float(constant.y_[0])), inputs[:1], 1)


def convert_side_by_side(graph: Graph, beside: SideBySide, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    return (_columns_of(graph, [inputs[place] for place in beside.places]),)


def convert_labels_side_by_side(graph: Graph, beside: LabelsSideBySide, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    count = len(beside.places)
    labels, numbers = ([part[place] for place in beside.places] for part in (inputs[:count], inputs[count:]))
    return _columns_of(graph, labels), graph.concat([tensor.name for tensor in numbers])


def convert_indicators(graph: Graph, indicators: Indicators, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    scores = graph.concat([tensor.name for tensor in inputs[: indicators.members]])
    label = above(graph, scores, indicators.least)
    chances = [tensor.name for tensor in inputs[indicators.members :]]
    return label, pairs_of(graph, graph.concat(chances), indicators.members) if chances else scores


def convert_class_of(graph: Graph, class_of: ClassOf, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    chosen = graph.op("Gather", graph.doubles(-1, of=class_of.classes), inputs[0].name, axis=0)
    return (graph.op("Reshape", chosen, graph.integers(-1, 1)),)


def convert_steady(graph: Graph, steady: Steady, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    return (repeated(graph, inputs[0], np.array([[steady.number]])),)


def convert_one_class(graph: Graph, one: OneClass, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    return repeated(graph, inputs[0], np.array([0])), repeated(graph, inputs[0], np.array([[1.0]]))


def _columns_of(graph: Graph, tensors: Sequence[Tensor]) -> str:
    return graph.concat([graph.op("Reshape", tensor.name, graph.integers(-1, 1)) for tensor in tensors])
