"""Parsers of estimators made of others: stacks, votes and calibrated classifiers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import StackingClassifier, StackingRegressor, VotingClassifier, VotingRegressor
from sklearn.linear_model import RANSACRegressor
from sklearn.pipeline import Pipeline

from model_export.pipelines.convert.combining import Calibrate, Column, Count, Mean, Scores
from model_export.pipelines.convert.inspection import StepRefusal, decision_width, has_probabilities, unwrapped
from model_export.pipelines.convert.operators import (
    Select,
    Variables,
    by_kind,
    classification,
    columns,
    is_string,
    values,
)

Parse = Callable[[Any, Any, Variables], Variables]


def parse_stack(scope: Any, stack: Any, inputs: Variables, parse: Parse) -> Variables:
    """The final estimator over the outputs of the members side by side, and over the inputs if they are passed on."""
    members = zip(stack.estimators_, stack.stack_method_, strict=True)
    answers = [_answer(scope, member, method, inputs, parse) for member, method in members]
    if stack.passthrough:
        if any(map(is_string, inputs)):
            raise StepRefusal(stack, "it passes text on to its final estimator; encode the text in a step before it")
        answers = [*answers, *inputs]
    return parse(scope, stack.final_estimator_, by_kind(scope, answers))


def parse_votes(scope: Any, votes: Any, inputs: Variables, parse: Parse) -> Variables:
    weights = votes._weights_not_none
    mean = Mean(None if weights is None else tuple(map(float, weights)), classifies=is_classifier(votes))
    if not mean.classifies:
        return values(scope, mean, [parse(scope, member, inputs)[0] for member in votes.estimators_])
    place = 1 if votes.voting == "soft" else 0
    answers = [parse(scope, member, inputs)[place] for member in votes.estimators_]
    if votes.voting == "soft":
        return classification(scope, mean, answers, len(votes.classes_))
    count = Count(mean.weights or (1.0,) * len(answers), len(votes.classes_))
    return classification(scope, count, answers, decision_width(votes))


def parse_calibrated(scope: Any, calibrated: Any, inputs: Variables, parse: Parse) -> Variables:
    classes = len(calibrated.classes_)
    answers = []
    for fold in calibrated.calibrated_classifiers_:
        member = unwrapped(fold.estimator)
        # scikit-learn would fill the lacking class with 0, at a place that depends on the fold.
        if len(member.classes_) != classes:
            raise StepRefusal(calibrated, "a fold of its training lacked a class; fit it with fewer folds")
        method = "decision_function" if hasattr(member, "decision_function") else "predict_proba"
        answer = _answer(scope, member, method, inputs, parse)
        answers.append(columns(scope, Calibrate(calibrated, fold), [answer], classes))
    return classification(scope, Mean(None), answers, classes)


def parse_ransac(scope: Any, ransac: Any, inputs: Variables, parse: Parse) -> Variables:
    return parse(scope, ransac.estimator_, inputs)


PARSERS: dict[type, Callable[[Any, Any, Variables, Parse], Variables]] = {
    StackingClassifier: parse_stack,
    StackingRegressor: parse_stack,
    VotingClassifier: parse_votes,
    VotingRegressor: parse_votes,
    CalibratedClassifierCV: parse_calibrated,
    RANSACRegressor: parse_ransac,
}


def _answer(scope: Any, member: Any, method: str, inputs: Variables, parse: Parse) -> Any:
    """[N, F]: probabilities without the first of two classes, scores, or predictions, as one column."""
    if method == "decision_function":
        return _scores(scope, member, inputs, parse)
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


def _scores(scope: Any, member: Any, inputs: Variables, parse: Parse) -> Any:
    member = unwrapped(member)
    if not has_probabilities(member):
        return parse(scope, member, inputs)[1]
    if type(member) is not Pipeline:
        return columns(scope, Scores(member), by_kind(scope, inputs), decision_width(member))
    for _, step in member.steps[:-1]:
        inputs = parse(scope, step, inputs)
    return _scores(scope, member.steps[-1][1], inputs, parse)
