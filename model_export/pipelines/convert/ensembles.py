"""Parsers of estimators made of others; stacks, votes and calibrated classifiers are here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sklearn.base import is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    GradientBoostingRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.linear_model import RANSACRegressor
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor, RegressorChain

from model_export.pipelines.convert.adaboost import (
    parse_adaboost_classifier,
    parse_adaboost_decision,
    parse_adaboost_regressor,
)
from model_export.pipelines.convert.bagging import (
    parse_bagging_classifier,
    parse_bagging_decision,
    parse_bagging_regressor,
)
from model_export.pipelines.convert.combining import Calibrate, Count, Mean
from model_export.pipelines.convert.inspection import StepRefusal, decision_width, has_probabilities, unwrapped
from model_export.pipelines.convert.members import Parse, Parser, answer_of
from model_export.pipelines.convert.one_against import (
    parse_one_against_one,
    parse_one_against_rest,
    parse_one_against_rest_decision,
)
from model_export.pipelines.convert.operators import (
    Variables,
    are_documents,
    by_kind,
    classification,
    columns,
    is_datetime,
    is_string,
    values,
)
from model_export.pipelines.convert.side_by_side import parse_chain, parse_of_members
from model_export.pipelines.convert.started import parse_gradient_boosting
from model_export.pipelines.convert.thresholds import parse_bound, parse_bound_decision


def parse_stack(scope: Any, stack: Any, inputs: Variables, parse: Parse) -> Variables:
    """The final estimator over the outputs of the members side by side, and over the inputs if they are passed on."""
    return parse(scope, stack.final_estimator_, _stacked(scope, stack, inputs, parse))


def parse_stack_decision(scope: Any, stack: Any, inputs: Variables, parse: Parse) -> Variables:
    answers = _stacked(scope, stack, inputs, parse)
    return [answer_of(scope, stack.final_estimator_, "decision_function", answers, parse, DECISIONS_OF_ENSEMBLES)]


def _stacked(scope: Any, stack: Any, inputs: Variables, parse: Parse) -> Variables:
    members = zip(stack.estimators_, stack.stack_method_, strict=True)
    answers = [answer_of(scope, member, method, inputs, parse, DECISIONS_OF_ENSEMBLES) for member, method in members]
    if stack.passthrough:
        if any(map(is_string, inputs)) or are_documents(inputs):
            raise StepRefusal(stack, "it passes text on to its final estimator; encode the text in a step before it")
        if any(map(is_datetime, inputs)):
            raise StepRefusal(stack, "it passes datetimes on to its final estimator; take their parts before it")
        answers = [*answers, *inputs]
    return by_kind(scope, answers)


def parse_votes(scope: Any, votes: Any, inputs: Variables, parse: Parse) -> Variables:
    weights = votes._weights_not_none
    mean = Mean(None if weights is None else tuple(map(float, weights)), classifies=is_classifier(votes))
    if not mean.classifies:
        return values(scope, mean, [parse(scope, member, inputs)[0] for member in votes.estimators_])
    if votes.voting == "soft":
        for member in votes.estimators_:
            if not has_probabilities(member):
                raise StepRefusal(
                    member, "it has no probabilities, so scikit-learn itself cannot average them; set voting='hard'"
                )
        answers = [parse(scope, member, inputs)[1] for member in votes.estimators_]
        return classification(scope, mean, answers, len(votes.classes_))
    answers = [parse(scope, member, inputs)[0] for member in votes.estimators_]
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
        answer = answer_of(scope, member, method, inputs, parse, DECISIONS_OF_ENSEMBLES)
        answers.append(columns(scope, Calibrate(calibrated, fold), [answer], classes))
    return classification(scope, Mean(None), answers, classes)


def parse_ransac(scope: Any, ransac: Any, inputs: Variables, parse: Parse) -> Variables:
    return parse(scope, ransac.estimator_, inputs)


DECISIONS_OF_ENSEMBLES: dict[type, Parser] = {AdaBoostClassifier: parse_adaboost_decision}
"""Parsers of the decision functions of ensembles that have probabilities too."""


def _deciding(parser: Callable[..., Variables]) -> Parser:
    """A parser that asks its members for decisions."""
    return lambda scope, ensemble, inputs, parse: parser(scope, ensemble, inputs, parse, DECISIONS_OF_ENSEMBLES)


DECISIONS_OF_ENSEMBLES |= {
    StackingClassifier: parse_stack_decision,
    BaggingClassifier: _deciding(parse_bagging_decision),
    OneVsRestClassifier: _deciding(parse_one_against_rest_decision),
    FixedThresholdClassifier: _deciding(parse_bound_decision),
    TunedThresholdClassifierCV: _deciding(parse_bound_decision),
}
PARSERS: Mapping[type, Parser] = {
    StackingClassifier: parse_stack,
    StackingRegressor: parse_stack,
    VotingClassifier: parse_votes,
    VotingRegressor: parse_votes,
    CalibratedClassifierCV: parse_calibrated,
    RANSACRegressor: parse_ransac,
    AdaBoostClassifier: parse_adaboost_classifier,
    AdaBoostRegressor: parse_adaboost_regressor,
    BaggingClassifier: parse_bagging_classifier,
    BaggingRegressor: parse_bagging_regressor,
    GradientBoostingRegressor: parse_gradient_boosting,
    OneVsRestClassifier: _deciding(parse_one_against_rest),
    OneVsOneClassifier: _deciding(parse_one_against_one),
    FixedThresholdClassifier: _deciding(parse_bound),
    TunedThresholdClassifierCV: _deciding(parse_bound),
    MultiOutputClassifier: parse_of_members,
    MultiOutputRegressor: parse_of_members,
    ClassifierChain: _deciding(parse_chain),
    RegressorChain: _deciding(parse_chain),
}
