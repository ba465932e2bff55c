"""Estimators made of others, and trees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn import ensemble
from sklearn.calibration import CalibratedClassifierCV
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
)
from sklearn.linear_model import LassoCV, LogisticRegression, Ridge, RidgeClassifier, RidgeCV
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

from tests.model_export.pipelines.convert.matrix.configuration import Configuration

Build = Callable[[], Any]
SMALL: dict[str, Any] = {"n_estimators": 6, "random_state": 0}


def scaled(model: Any) -> Any:
    return make_pipeline(StandardScaler(), model)


CLASSIFIERS: dict[str, Build] = {
    "ExtraTreeClassifier": lambda: ExtraTreeClassifier(random_state=0),
    "AdaBoostClassifier": lambda: AdaBoostClassifier(**SMALL),
    "AdaBoostClassifier(trees)": lambda: AdaBoostClassifier(DecisionTreeClassifier(max_depth=3), **SMALL),
    "AdaBoostClassifier(LogisticRegression)": lambda: AdaBoostClassifier(LogisticRegression(), **SMALL),
    "CalibratedClassifierCV(AdaBoost)": lambda: CalibratedClassifierCV(AdaBoostClassifier(**SMALL), cv=2),
    "BaggingClassifier": lambda: BaggingClassifier(**SMALL),
    "BaggingClassifier(features)": lambda: BaggingClassifier(max_features=2, bootstrap_features=True, **SMALL),
    "BaggingClassifier(few rows)": lambda: BaggingClassifier(max_samples=3, **SMALL),
    "BaggingClassifier(LinearSVC)": lambda: BaggingClassifier(LinearSVC(random_state=0), **SMALL),
    "BaggingClassifier(LogisticRegression)": lambda: BaggingClassifier(LogisticRegression(), max_features=0.5, **SMALL),
    "OneVsRestClassifier(LogisticRegression)": lambda: OneVsRestClassifier(LogisticRegression()),
    "OneVsRestClassifier(LinearSVC)": lambda: OneVsRestClassifier(LinearSVC(random_state=0)),
    "OneVsRestClassifier(tree)": lambda: OneVsRestClassifier(DecisionTreeClassifier(max_depth=3, random_state=0)),
    "OneVsRestClassifier(SVC)": lambda: OneVsRestClassifier(SVC()),
    "CalibratedClassifierCV(OneVsRest)": lambda: CalibratedClassifierCV(
        OneVsRestClassifier(LogisticRegression()), cv=2
    ),
    "OneVsOneClassifier(LogisticRegression)": lambda: OneVsOneClassifier(LogisticRegression()),
    "OneVsOneClassifier(LinearSVC)": lambda: OneVsOneClassifier(LinearSVC(random_state=0)),
    "OneVsOneClassifier(tree)": lambda: OneVsOneClassifier(DecisionTreeClassifier(max_depth=3, random_state=0)),
    "VotingClassifier(hard)": lambda: VotingClassifier(
        [("a", GaussianNB()), ("b", DecisionTreeClassifier(max_depth=2)), ("c", LinearDiscriminantAnalysis())]
    ),
    "StackingClassifier(bayes, kernel)": lambda: StackingClassifier([("a", GaussianNB()), ("b", scaled(SVC()))], cv=2),
    "StackingClassifier(ridge at the end)": lambda: StackingClassifier(
        [("a", GaussianNB()), ("b", LogisticRegression())], RidgeClassifier(), cv=2
    ),
    "CalibratedClassifierCV(GaussianNB, isotonic)": lambda: CalibratedClassifierCV(
        GaussianNB(), method="isotonic", cv=2
    ),
    "CalibratedClassifierCV(LinearSVC, temperature)": lambda: CalibratedClassifierCV(
        LinearSVC(random_state=0), method="temperature", cv=2
    ),
    "CalibratedClassifierCV(GaussianNB, temperature)": lambda: CalibratedClassifierCV(
        GaussianNB(), method="temperature", cv=2
    ),
    "CalibratedClassifierCV(SVC)": lambda: CalibratedClassifierCV(scaled(SVC()), cv=2),
}
INSIDE: dict[str, Build] = {
    "a stack": lambda: StackingClassifier([("a", GaussianNB())], LogisticRegression(), cv=2),
    "Bagging": lambda: BaggingClassifier(LogisticRegression(), max_features=0.5, **SMALL),
    "a threshold": lambda: FixedThresholdClassifier(LogisticRegression(), threshold=0.3),
}
OF_TWO: dict[str, Build] = {
    "FixedThresholdClassifier": lambda: FixedThresholdClassifier(LogisticRegression(), threshold=0.3),
    "FixedThresholdClassifier(first class)": lambda: FixedThresholdClassifier(
        LogisticRegression(), threshold=0.3, pos_label="alta"
    ),
    "FixedThresholdClassifier(decision)": lambda: FixedThresholdClassifier(
        LogisticRegression(), threshold=0.3, response_method="decision_function", pos_label="alta"
    ),
    "FixedThresholdClassifier(LinearSVC)": lambda: FixedThresholdClassifier(LinearSVC(random_state=0), threshold=0.2),
    "FixedThresholdClassifier(auto)": lambda: FixedThresholdClassifier(GaussianNB()),
    "TunedThresholdClassifierCV": lambda: TunedThresholdClassifierCV(LogisticRegression(), cv=2),
    "TunedThresholdClassifierCV(LinearSVC)": lambda: TunedThresholdClassifierCV(LinearSVC(random_state=0), cv=2),
}
REGRESSORS: dict[str, Build] = {
    "ExtraTreeRegressor": lambda: ExtraTreeRegressor(random_state=0),
    "AdaBoostRegressor": lambda: AdaBoostRegressor(**SMALL),
    "AdaBoostRegressor(square)": lambda: AdaBoostRegressor(DecisionTreeRegressor(max_depth=2), loss="square", **SMALL),
    "AdaBoostRegressor(Ridge)": lambda: AdaBoostRegressor(Ridge(), **SMALL),
    "BaggingRegressor": lambda: BaggingRegressor(**SMALL),
    "BaggingRegressor(Ridge)": lambda: BaggingRegressor(Ridge(), max_features=3, **SMALL),
    "StackingRegressor": lambda: StackingRegressor([("a", Ridge()), ("b", LassoCV(alphas=3, cv=2))], cv=2),
    "StackingRegressor(boosting at the end)": lambda: StackingRegressor(
        [("a", RidgeCV()), ("b", DecisionTreeRegressor(max_depth=3))],
        ensemble.GradientBoostingRegressor(n_estimators=5, random_state=0),
        cv=2,
    ),
}
CONFIGURATIONS: tuple[Configuration, ...] = (
    *(Configuration(name, build, target=2) for name, build in (CLASSIFIERS | OF_TWO).items()),
    *(Configuration(f"{name} of 3", build, target=3) for name, build in CLASSIFIERS.items()),
    *(
        Configuration(
            f"CalibratedClassifierCV({name})", lambda build=build: CalibratedClassifierCV(build(), cv=2), target=2
        )
        for name, build in INSIDE.items()
    ),
    *(Configuration(name, build) for name, build in REGRESSORS.items()),
)
