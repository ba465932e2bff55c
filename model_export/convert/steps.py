"""The steps of a fitted pipeline, found under their scikit-learn names and checked before anything else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sklearn.base import is_classifier, is_regressor
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.feature_extraction import DictVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer

from model_export.convert.custom import converts_itself
from model_export.convert.dict_vectorizer import NamedDictVectorizer
from model_export.convert.rules import RULES, rule_of
from model_export.convert.stock import STOCK


class StepRefusal(Exception):
    """A Refusal with the estimator that was refused."""

    def __init__(self, estimator: Any, reason: str) -> None:
        super().__init__(reason)
        self.estimator = estimator


def is_passthrough(step: Any) -> bool:
    if isinstance(step, str) or step is None:
        return step != "drop"
    return type(step) is FunctionTransformer and step.func is None


def children(estimator: Any) -> list[tuple[str, Any]]:
    """The named steps inside a container; none for any other estimator."""
    if type(estimator) is Pipeline:
        return list(estimator.steps)
    if type(estimator) is ColumnTransformer:
        used = estimator._transformer_to_input_indices
        return [(name, step) for name, step, _ in estimator.transformers_ if len(used[name])]
    if type(estimator) is FeatureUnion:
        return list(estimator.transformer_list)
    if type(estimator) is TransformedTargetRegressor:
        return [("regressor", estimator.regressor_)]
    return []


def walk(estimator: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every (name, estimator), containers before what they hold; names are joined by `__`."""
    yield name, estimator
    for child, step in children(estimator):
        if step != "drop" and not is_passthrough(step):
            yield from walk(step, f"{name}__{child}" if name else child)


def first_step(estimator: Any) -> Any:
    """What the instances themselves go into."""
    while type(estimator) in (Pipeline, TransformedTargetRegressor):
        estimator = next(step for _, step in children(estimator) if not is_passthrough(step))
    return estimator


def check_steps(pipeline: Any) -> None:
    """Raises StepRefusal for the first step without an exact converter."""
    for _, estimator in walk(pipeline):
        if type(estimator) is DictVectorizer:
            if estimator is not first_step(pipeline):
                raise StepRefusal(estimator, "it works on whole instances; make it the first step")
        elif type(estimator) in (ColumnTransformer, FeatureUnion):
            if estimator.transformer_weights:
                raise StepRefusal(estimator, "transformer_weights is not supported; leave it at None")
        elif converts_itself(estimator) and (is_classifier(estimator) or is_regressor(estimator)):
            raise StepRefusal(estimator, "only transformers convert themselves; use a predictor of scikit-learn")
        elif type(estimator) is not Pipeline and type(estimator) not in STOCK and rule_of(estimator) is None:
            raise StepRefusal(estimator, "it has no exact converter; " + _hint())


def describe(pipeline: Any, estimator: Any) -> str:
    """How an error names a step of the pipeline: "step 'model' (SVR)"."""
    named = {id(step): name for name, step in walk(pipeline)}
    name = named.get(id(estimator), "")
    return f"step {name!r} ({type(estimator).__name__})" if name else f"the {type(estimator).__name__}"


def _hint() -> str:
    classes = {DictVectorizer, *RULES, *STOCK} - {NamedDictVectorizer}
    names = ", ".join(sorted(one.__name__ for one in classes))
    return f"use one of {names}, or give a transformer of your own a method to_onnx(graph, x)"
