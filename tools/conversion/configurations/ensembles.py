"""Estimators made of others: votes, stacks, bags, boosting by weights, thresholds, one model for each class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn import ensemble, linear_model, multiclass, naive_bayes, svm, tree
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier

from tools.conversion.configuration import Configuration, fitted
from tools.conversion.tables import TargetKind

SECTION = "Ensembles"
_FEW: dict[str, Any] = {"n_estimators": 8, "random_state": 0}


def _forest() -> Any:
    return ensemble.RandomForestClassifier(max_depth=4, **_FEW)


def _logistic() -> Any:
    return make_pipeline(StandardScaler(), linear_model.LogisticRegression())


def _ridge() -> Any:
    return make_pipeline(StandardScaler(), linear_model.Ridge())


def _classifiers() -> list[tuple[str, Any]]:
    return [("forest", _forest()), ("logistic", _logistic())]


def _regressors() -> list[tuple[str, Any]]:
    return [("forest", ensemble.RandomForestRegressor(max_depth=4, **_FEW)), ("ridge", _ridge())]


_CLASSIFIERS: dict[str, Callable[[], Any]] = {
    "VotingClassifier(voting='soft')": lambda: ensemble.VotingClassifier(_classifiers(), voting="soft"),
    "VotingClassifier(voting='hard')": lambda: ensemble.VotingClassifier(_classifiers()),
    "VotingClassifier(weights)": lambda: ensemble.VotingClassifier(_classifiers(), voting="soft", weights=[2, 1]),
    "StackingClassifier": lambda: ensemble.StackingClassifier(_classifiers(), cv=2),
    "StackingClassifier(passthrough=True)": lambda: ensemble.StackingClassifier(
        [("forest", _forest()), ("bayes", naive_bayes.GaussianNB())],
        final_estimator=make_pipeline(StandardScaler(), linear_model.LogisticRegression()),
        passthrough=True,
        cv=2,
    ),
    "AdaBoostClassifier": lambda: ensemble.AdaBoostClassifier(**_FEW),
    "AdaBoostClassifier(max_depth=3)": lambda: ensemble.AdaBoostClassifier(
        tree.DecisionTreeClassifier(max_depth=3), **_FEW
    ),
    "BaggingClassifier": lambda: ensemble.BaggingClassifier(**_FEW),
    "BaggingClassifier(LogisticRegression, max_features=0.5)": lambda: make_pipeline(
        StandardScaler(), ensemble.BaggingClassifier(linear_model.LogisticRegression(), max_features=0.5, **_FEW)
    ),
    "OneVsRestClassifier(LogisticRegression)": lambda: multiclass.OneVsRestClassifier(_logistic()),
    "OneVsRestClassifier(LinearSVC)": lambda: make_pipeline(
        StandardScaler(), multiclass.OneVsRestClassifier(svm.LinearSVC(random_state=0))
    ),
    "OneVsOneClassifier(LogisticRegression)": lambda: multiclass.OneVsOneClassifier(_logistic()),
    "OneVsOneClassifier(LinearSVC)": lambda: make_pipeline(
        StandardScaler(), multiclass.OneVsOneClassifier(svm.LinearSVC(random_state=0))
    ),
    "OutputCodeClassifier(LogisticRegression)": lambda: make_pipeline(
        StandardScaler(), multiclass.OutputCodeClassifier(linear_model.LogisticRegression(), random_state=0)
    ),
    "SelfTrainingClassifier": lambda: SelfTrainingClassifier(_forest()),
}
_REGRESSORS: dict[str, Callable[[], Any]] = {
    "VotingRegressor": lambda: ensemble.VotingRegressor(_regressors()),
    "StackingRegressor": lambda: ensemble.StackingRegressor(_regressors(), cv=2),
    "StackingRegressor(LassoCV member)": lambda: ensemble.StackingRegressor(
        [*_regressors(), ("lasso", make_pipeline(StandardScaler(), linear_model.LassoCV(cv=3)))], cv=2
    ),
    "StackingRegressor(passthrough=True)": lambda: ensemble.StackingRegressor(
        _regressors(), final_estimator=ensemble.GradientBoostingRegressor(**_FEW), passthrough=True, cv=2
    ),
    "AdaBoostRegressor": lambda: ensemble.AdaBoostRegressor(**_FEW),
    "AdaBoostRegressor(loss='exponential')": lambda: ensemble.AdaBoostRegressor(loss="exponential", **_FEW),
    "BaggingRegressor": lambda: ensemble.BaggingRegressor(**_FEW),
    "BaggingRegressor(Ridge)": lambda: make_pipeline(
        StandardScaler(), ensemble.BaggingRegressor(linear_model.Ridge(), **_FEW)
    ),
}
_OF_TWO: dict[str, Callable[[], Any]] = {
    "FixedThresholdClassifier": lambda: FixedThresholdClassifier(_logistic(), threshold=0.3, pos_label="yes"),
    "TunedThresholdClassifierCV": lambda: TunedThresholdClassifierCV(
        _logistic(), scoring="balanced_accuracy", cv=2, random_state=0
    ),
}


def _row(name: str, target: TargetKind, build: Callable[[], Any]) -> Configuration:
    return Configuration(SECTION, name, "small", target, fitted(build))


CONFIGURATIONS: tuple[Configuration, ...] = (
    *(_row(name, "two", build) for name, build in _CLASSIFIERS.items()),
    *(_row(name, "three", build) for name, build in _CLASSIFIERS.items()),
    *(_row(name, "number", build) for name, build in _REGRESSORS.items()),
    *(_row(name, "two", build) for name, build in _OF_TWO.items()),
)
