"""Steps of a fitted pipeline, by the names that scikit-learn gives them, and checks before anything is converted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from sklearn.base import is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
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
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.feature_selection import SelectFromModel
from sklearn.frozen import FrozenEstimator
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import RANSACRegressor
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.model_selection._search import BaseSearchCV
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, _ConstantPredictor
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor, RegressorChain
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.validation import check_is_fitted

from model_export.pipelines.convert.boosting import has_constant_start
from model_export.pipelines.convert.converters import BOOSTERS, is_booster, rule_of
from model_export.pipelines.convert.custom import converts_itself
from model_export.pipelines.convert.libraries import library_of
from model_export.pipelines.convert.named_classes import NamedClasses

JUDGED = ("sklearn.", "model_export.transformers.")
"""The beginnings of modules whose classes keep what they learn under names that end in _, as check_is_fitted looks."""
UNFITTED = "it is not fitted; fit it first"
NO_CONVERTER = (
    "it has no exact converter; use a step of the list in docs/models.md, "
    "or give a transformer of your own a method to_onnx(graph, x)"
)


class StepRefusal(Exception):
    """An InexactError with the estimator that it is about."""

    def __init__(self, estimator: Any, reason: str) -> None:
        super().__init__(reason)
        self.estimator = estimator


def unwrapped(estimator: Any) -> Any:
    """The best estimator of a search, the one that is frozen or gets names; any other estimator as it is."""
    while isinstance(estimator, BaseSearchCV | FrozenEstimator | NamedClasses):
        estimator = _wrapped(estimator)
    return estimator


def has_probabilities(classifier: Any) -> bool:
    """False for a fitted classifier that has nothing but a decision for each class."""
    return hasattr(classifier, "predict_proba")


def decision_width(classifier: Any) -> int:
    """The columns of a classifier's scores: one for two classes, above 0 for the second; else one for each class."""
    count = len(classifier.classes_)
    return count if count > 2 else 1


def _wrapped(estimator: Any) -> Any:
    if isinstance(estimator, NamedClasses):
        return getattr(estimator, "classifier_", estimator.classifier)
    return getattr(estimator, "best_estimator_", estimator.estimator)


def is_fitted(estimator: Any) -> bool:
    try:
        check_is_fitted(estimator)
    except NotFittedError:
        return False
    return True


def is_passthrough(step: Any) -> bool:
    if isinstance(step, str) or step is None:
        return step != "drop"
    return type(step) is FunctionTransformer and step.func is None


def children(estimator: Any) -> list[tuple[str, Any]]:
    """The named steps inside a container; none for any other estimator, or where fitting has yet to make them."""
    if unwrapped(estimator) is not estimator:
        return [("estimator", unwrapped(estimator))]
    if type(estimator) in MEMBERS:
        return MEMBERS[type(estimator)](estimator) if is_fitted(estimator) else []
    if type(estimator) is Pipeline:
        return list(estimator.steps)
    if type(estimator) is ColumnTransformer:
        if not is_fitted(estimator):
            return []
        # scikit-learn has the columns of a transformer as numbers in this private attribute alone.
        used = estimator._transformer_to_input_indices
        return [(name, step) for name, step, _ in estimator.transformers_ if len(used[name])]
    if type(estimator) is FeatureUnion:
        return list(estimator.transformer_list)
    if type(estimator) is TransformedTargetRegressor:
        return [("regressor", getattr(estimator, "regressor_", estimator.regressor))]
    return []


def _of_votes(votes: Any) -> list[tuple[str, Any]]:
    names = [name for name, member in votes.estimators if member != "drop"]
    return list(zip(names, votes.estimators_, strict=True))


def _of_stack(stack: Any) -> list[tuple[str, Any]]:
    return [*_of_votes(stack), ("final_estimator", stack.final_estimator_)]


def _of_folds(calibrated: Any) -> list[tuple[str, Any]]:
    return [(f"fold_{number}", fold.estimator) for number, fold in enumerate(calibrated.calibrated_classifiers_)]


def _numbered(ensemble: Any) -> list[tuple[str, Any]]:
    members = enumerate(ensemble.estimators_)
    return [(f"member_{number}", member) for number, member in members if not isinstance(member, _ConstantPredictor)]


def _start(boosted: Any) -> list[tuple[str, Any]]:
    return [] if has_constant_start(boosted) else [("init", boosted.init_)]


def _inner(classifier: Any) -> list[tuple[str, Any]]:
    return [("estimator", getattr(classifier, "estimator_", classifier.estimator))]


MEMBERS: Mapping[type, Callable[[Any], list[tuple[str, Any]]]] = {
    StackingClassifier: _of_stack,
    StackingRegressor: _of_stack,
    VotingClassifier: _of_votes,
    VotingRegressor: _of_votes,
    CalibratedClassifierCV: _of_folds,
    AdaBoostClassifier: _numbered,
    AdaBoostRegressor: _numbered,
    BaggingClassifier: _numbered,
    BaggingRegressor: _numbered,
    OneVsRestClassifier: _numbered,
    OneVsOneClassifier: _numbered,
    MultiOutputClassifier: _numbered,
    MultiOutputRegressor: _numbered,
    ClassifierChain: _numbered,
    RegressorChain: _numbered,
    GradientBoostingRegressor: _start,
    FixedThresholdClassifier: _inner,
    TunedThresholdClassifierCV: _inner,
    RANSACRegressor: lambda ransac: [("estimator", ransac.estimator_)],
}
"""For each estimator made of others, which all get the same columns: its fitted members by name."""

ASKED: Mapping[type, Callable[[Any], Any]] = {
    SelectFromModel: lambda selection: selection.estimator_,
    StackingClassifier: lambda stack: stack.estimators_[0],
    StackingRegressor: lambda stack: stack.estimators_[0],
    VotingClassifier: lambda votes: votes.estimators_[0],
    VotingRegressor: lambda votes: votes.estimators_[0],
}
"""For each estimator that asks another one inside of it for the number of its columns: that one, if it is fitted."""


def walk(estimator: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every (name, estimator), containers before what they hold; names are joined by `__`."""
    yield name, estimator
    for child, step in children(estimator):
        if step != "drop" and not is_passthrough(step):
            yield from walk(step, f"{name}__{child}" if name else child)


def first_step(estimator: Any) -> Any:
    """The step that reads the instances themselves; a Pipeline in which no step does anything, as it is."""
    while type(estimator := unwrapped(estimator)) in (Pipeline, TransformedTargetRegressor):
        steps = flat_steps(estimator)
        if not steps:
            break
        estimator = steps[0]
    return estimator


def flat_steps(container: Any) -> list[Any]:
    """The steps that do something, unwrapped, with those of a Pipeline among them in its place."""
    steps = [unwrapped(step) for _, step in children(container) if not is_passthrough(step)]
    nested = [flat_steps(step) if type(step) is Pipeline else [step] for step in steps]
    return [step for inner in nested for step in inner]


def columns_learned(first: Any, known: Collection[str] = ()) -> list[str] | None:
    """The columns that a fitted first step was fitted on, in order; None if it was fitted on arrays.

    `known` are the names that the columns may have: LightGBM writes _ for each blank of a name.
    """
    names = _catboost_columns(first) if library_of(first) == "catboost" else getattr(first, "feature_names_in_", None)
    if names is None:
        return None
    spelled = {name.replace(" ", "_"): name for name in known} if library_of(first) == "lightgbm" else {}
    return [spelled.get(str(name), str(name)) for name in names]


def columns_counted(first: Any) -> int | None:
    """The number of columns that a fitted first step was fitted on; None where it does not count them."""
    if library_of(first) == "catboost":  # a loaded one has 0 for n_features_in_
        return len(getattr(first, "feature_names_", None) or ())
    if type(first) is IsotonicRegression:  # it takes one, and has no count
        return 1
    if type(first) in ASKED and is_fitted(first):
        return columns_counted(first_step(ASKED[type(first)](first)))
    count = getattr(first, "n_features_in_", None)
    return None if count is None else int(count)


def _catboost_columns(estimator: Any) -> list[str] | None:
    """CatBoost names the columns of an array by their places."""
    names = list(getattr(estimator, "feature_names_", None) or ())
    return None if names == list(map(str, range(len(names)))) else names


def columns_read(first: Any, known: Collection[str] = ()) -> list[str] | None:
    """Those of the columns learned that count; None if it was fitted on arrays."""
    names = columns_learned(first, known)
    if names is None or type(first) is not ColumnTransformer:
        return names
    used = {int(column) for name, step in children(first) if step != "drop" for column in _places(first, name)}
    return [name for place, name in enumerate(names) if place in used]


def _places(transformer: Any, name: str) -> Any:
    return transformer._transformer_to_input_indices[name]


def check_steps(pipeline: Any) -> None:
    """Raises StepRefusal for the first step without an exact converter."""
    for _, estimator in walk(pipeline):
        reason = _objection(estimator, pipeline)
        if reason:
            raise StepRefusal(estimator, reason)


def _objection(estimator: Any, pipeline: Any) -> str | None:
    kind = type(estimator)
    # check_is_fitted is right for these classes only; a Pipeline asks its last step alone.
    is_known = kind.__module__.startswith(JUDGED) or is_booster(estimator)
    if is_known and kind is not Pipeline and not is_fitted(estimator):
        return UNFITTED
    if kind is Pipeline or kind in MEMBERS or unwrapped(estimator) is not estimator:
        return None
    if kind in (CountVectorizer, TfidfVectorizer, HashingVectorizer):
        return None
    if kind is DictVectorizer:
        return None if estimator is first_step(pipeline) else "it works on whole instances; make it the first step"
    if kind in (ColumnTransformer, FeatureUnion):
        return None
    if converts_itself(estimator):
        predicts = is_classifier(estimator) or is_regressor(estimator)
        return "only transformers convert themselves; use a predictor of scikit-learn" if predicts else None
    if rule_of(estimator) is None:
        return _boosters(estimator) or NO_CONVERTER
    return None


def describe(pipeline: Any, estimator: Any) -> str:
    """A step of the pipeline as an error names it: "step 'model' (SVR)"."""
    named = {id(step): name for name, step in walk(pipeline)}
    name = named.get(id(estimator), "")
    return f"step {name!r} ({type(estimator).__name__})" if name else f"the {type(estimator).__name__}"


def _boosters(estimator: Any) -> str:
    """The estimators of the same library that have a converter; nothing for another library."""
    library = library_of(estimator)
    names = [name.rpartition(".")[2] for name in BOOSTERS if name.startswith(f"{library}.")]
    return f"it has no exact converter; use one of {', '.join(names)}" if names else ""
