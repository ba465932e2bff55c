"""Answers of the members of an ensemble, by the method that the ensemble calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.pipeline import Pipeline

from model_export.pipelines.convert.combining import Column, Scores
from model_export.pipelines.convert.inspection import StepRefusal, decision_width, has_probabilities, unwrapped
from model_export.pipelines.convert.operators import Select, Variables, by_kind, columns, is_datetime, is_string

Parse = Callable[[Any, Any, Variables], Variables]
Parser = Callable[[Any, Any, Variables, Parse], Variables]
"""From scope, ensemble, inputs and the parser of any step to the outputs."""


def answer_of(
    scope: Any, member: Any, method: str, inputs: Variables, parse: Parse, decisions: Mapping[type, Parser]
) -> Any:
    """[N, F]: probabilities without the first of two classes, scores, or predictions, as one column.

    `decisions` are the parsers of the decision functions of ensembles.
    """
    if method == "decision_function":
        return _scores(scope, member, inputs, parse, decisions)
    answers = parse(scope, member, inputs)
    if method == "predict_proba":
        count = len(member.classes_)
        # A stack drops the first of two probabilities, as it follows from the second.
        return columns(scope, Select(tuple(range(count))[1 if count == 2 else 0 :]), answers[1:], None)
    if is_classifier(member) and not np.array_equal(member.classes_, np.arange(len(member.classes_))):
        raise StepRefusal(
            member, "its labels are not the numbers from 0, so a stack cannot take them; use stack_method='auto'"
        )
    return columns(scope, Column(), answers[:1], 1)


def numbers_of(scope: Any, ensemble: Any, inputs: Variables) -> Variables:
    """The inputs as one tensor of numbers, for an ensemble that reads the rows itself; refuses text."""
    merged = by_kind(scope, inputs)
    if any(map(is_datetime, merged)):
        raise StepRefusal(ensemble, "it gets dates and times; take their parts in a step before it")
    if len(merged) > 1 or is_string(merged[0]):
        raise StepRefusal(ensemble, "it gets text; encode the text columns in a step before it")
    return merged


def score_of_second(scope: Any, member: Any, inputs: Variables, parse: Parse, decisions: Mapping[type, Parser]) -> Any:
    """[N, 1], as scikit-learn asks members that tell two classes apart: a decision if they have one."""
    method = "decision_function" if hasattr(member, "decision_function") else "predict_proba"
    if not hasattr(member, method):
        raise StepRefusal(member, "it has neither probabilities nor a decision; use one such as LogisticRegression")
    return answer_of(scope, member, method, inputs, parse, decisions)


def least_score(member: Any) -> float:
    """The number that score_of_second exceeds for the second class."""
    return 0.0 if hasattr(member, "decision_function") else 0.5


def _scores(scope: Any, member: Any, inputs: Variables, parse: Parse, decisions: Mapping[type, Parser]) -> Any:
    member = unwrapped(member)
    if not has_probabilities(member):
        return parse(scope, member, inputs)[1]
    if type(member) in decisions:
        return decisions[type(member)](scope, member, inputs, parse)[0]
    if type(member) is not Pipeline:
        return columns(scope, Scores(member), by_kind(scope, inputs), decision_width(member))
    for _, step in member.steps[:-1]:
        inputs = parse(scope, step, inputs)
    return _scores(scope, member.steps[-1][1], inputs, parse, decisions)
