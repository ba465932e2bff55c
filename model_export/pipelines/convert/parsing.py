"""Parsers of pipelines for skl2onnx: the columns that each operator gets, and the type of its output.

They replace skl2onnx's own, which take permuted columns for the whole tensor, know no passthrough
step in a Pipeline, and declare float32 where a step returns doubles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from skl2onnx.common.data_types import DoubleTensorType, StringTensorType
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.naive_bayes import BernoulliNB
from sklearn.pipeline import FeatureUnion, Pipeline

from model_export.pipelines.convert.absent import ZeroAsMissing, reads_absent_as_missing, returns_sparse
from model_export.pipelines.convert.converters import rule_of
from model_export.pipelines.convert.dict_vectorizer import NamedDictVectorizer
from model_export.pipelines.convert.ensembles import PARSERS
from model_export.pipelines.convert.inspection import StepRefusal, children, is_passthrough, unwrapped
from model_export.pipelines.convert.linear import LINEAR_CLASSIFIERS
from model_export.pipelines.convert.operators import (
    Variables,
    Weigh,
    are_documents,
    by_kind,
    classification,
    columns,
    is_datetime,
    is_string,
    selected,
    values,
)
from model_export.pipelines.convert.targets import target_count
from model_export.pipelines.convert.text_columns import VECTORIZERS, terms
from model_export.transformers.expressions import Expressions

DATE_PARTS = "model_export.transformers.dates.DateParts"


def parse(scope: Any, estimator: Any, inputs: Variables, custom_parsers: Any = None) -> Variables:
    """The variables that hold the output of the step: one, two for a classifier, several for mixed columns."""
    estimator = unwrapped(estimator)
    if is_passthrough(estimator):
        return inputs
    if type(estimator) in VECTORIZERS:
        return terms(scope, estimator)
    if are_documents(inputs) and type(estimator) not in OVER_DOCUMENTS:
        names = ", ".join(kind.__name__ for kind in OVER_DOCUMENTS)
        raise StepRefusal(estimator, f"after a vectorizer use one of {names}")
    if type(estimator) in PARSERS:
        return PARSERS[type(estimator)](scope, estimator, inputs, parse)
    if type(estimator) in CONTAINERS:
        return CONTAINERS[type(estimator)](scope, estimator, inputs)
    return _declare(scope, estimator, by_kind(scope, inputs))


def _parse_pipeline(scope: Any, pipeline: Any, inputs: Variables) -> Variables:
    steps = [step for _, step in children(pipeline)]
    is_sparse = [returns_sparse(Pipeline(pipeline.steps[:end]), False) for end in range(len(steps))]
    absent = [before and reads_absent_as_missing(step) for before, step in zip(is_sparse, steps, strict=True)]
    for step, is_missing in zip(steps, absent, strict=True):
        if type(step) is DictVectorizer:
            inputs = _parse_dictionaries(scope, step, inputs, absent=np.nan if any(absent) else 0.0)
            continue
        if is_missing and type(steps[0]) is not DictVectorizer:
            inputs = [columns(scope, ZeroAsMissing(), by_kind(scope, inputs), None)]
        inputs = parse(scope, step, inputs)
    return inputs


def _parse_union(scope: Any, union: Any, inputs: Variables) -> Variables:
    parsed = [
        _weighed(scope, union, name, parse(scope, step, inputs)) for name, step in children(union) if step != "drop"
    ]
    return [variable for variables in parsed for variable in variables]


def _parse_expressions(scope: Any, step: Any, inputs: Variables) -> Variables:
    """The columns as they are, if they are kept, and the new ones behind them."""
    wanted = [step.names_in_.index(name) for name in step.columns_read_]
    read = by_kind(scope, selected(scope, inputs, wanted))
    _check_kinds(step, "numbers", read)
    # the terms of vectorizers are inputs too, behind the columns of the table
    kept = selected(scope, inputs, list(range(step.n_features_in_))) if step.keep_columns else []
    return [*kept, columns(scope, step, read, len(step.trees_))]


def _parse_target(scope: Any, regressor: Any, inputs: Variables) -> Variables:
    return _declare(scope, regressor, parse(scope, regressor.regressor_, inputs))


def _weighed(scope: Any, container: Any, name: str, answers: Variables) -> Variables:
    """The output of a step, times its weight if it has one."""
    weight = (container.transformer_weights or {}).get(name)
    if weight is None:
        return answers
    widths = [variable.type.shape[1] for variable in answers]
    return [
        columns(scope, Weigh(float(weight)), [variable], width) for variable, width in zip(answers, widths, strict=True)
    ]


def _parse_columns(scope: Any, transformer: Any, inputs: Variables) -> Variables:
    parsed: Variables = []
    for name, step in children(transformer):
        if step == "drop":
            continue
        wanted = [int(column) for column in transformer._transformer_to_input_indices[name]]
        answers = _weighed(scope, transformer, name, parse(scope, step, selected(scope, inputs, wanted)))
        block = transformer.output_indices_[name]
        if len(answers) == 1:
            # Declared here, where the width is known, so that later steps can count their columns.
            kind = type(answers[0].type)
            answers[0].type = kind([None, block.stop - block.start])
        parsed.extend(answers)
    return parsed


def _parse_dictionaries(scope: Any, vectorizer: Any, inputs: Variables, absent: float = 0.0) -> Variables:
    strings = [variable for variable in inputs if is_string(variable)]
    numbers = [variable for variable in inputs if not is_string(variable)]
    named = NamedDictVectorizer(
        vectorizer,
        tuple(variable.raw_name for variable in strings),
        tuple(variable.raw_name for variable in numbers),
        absent,
    )
    return _declare(scope, named, by_kind(scope, strings + numbers))


OVER_DOCUMENTS: tuple[type, ...] = (
    *LINEAR_CLASSIFIERS,
    BernoulliNB,
    CalibratedClassifierCV,
    OneVsRestClassifier,
    OneVsOneClassifier,
    VotingClassifier,
    StackingClassifier,
    FixedThresholdClassifier,
    TunedThresholdClassifierCV,
)
"""Linear classifiers, and what is made of them."""
CONTAINERS: Mapping[type, Callable[[Any, Any, Variables], Variables]] = {
    Pipeline: _parse_pipeline,
    ColumnTransformer: _parse_columns,
    FeatureUnion: _parse_union,
    Expressions: _parse_expressions,
    TransformedTargetRegressor: _parse_target,
    DictVectorizer: _parse_dictionaries,
}


def _declare(scope: Any, estimator: Any, inputs: Variables) -> Variables:
    """The outputs of a new operator for the step."""
    rule = rule_of(estimator)
    if rule is None:
        raise StepRefusal(estimator, "it has no exact converter")
    if not are_documents(inputs):
        _check_kinds(estimator, rule.takes, inputs)
    if rule.returns == "classification":
        return classification(scope, estimator, inputs, targets=target_count(estimator))
    if rule.returns == "regression":
        return values(scope, estimator, inputs, target_count(estimator))
    strings = rule.returns == "strings" or (rule.returns == "same" and is_string(inputs[0]))
    return [columns(scope, estimator, inputs, None, StringTensorType if strings else DoubleTensorType)]


def _check_kinds(estimator: Any, takes: str, inputs: Variables) -> None:
    if not inputs:
        raise StepRefusal(estimator, "it gets no columns; remove it")
    if takes not in ("datetimes", "any") and any(map(is_datetime, inputs)):
        raise StepRefusal(estimator, f"it gets dates and times; put {DATE_PARTS} before it, over these columns alone")
    if takes == "datetimes" and not all(map(is_datetime, inputs)):
        raise StepRefusal(estimator, "it gets columns that are no datetimes: give them the type datetime in model.toml")
    if takes == "several":
        return
    if len(inputs) > 1:
        raise StepRefusal(estimator, "it gets text and numbers at once; give it one kind of columns")
    if takes == "numbers" and is_string(inputs[0]):
        remedy = f"encode the text columns in a step before it (dates with {DATE_PARTS})"
        raise StepRefusal(estimator, f"it gets text; {remedy}")
