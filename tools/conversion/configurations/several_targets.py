"""Estimators of several targets at once; each further target has the values of the first, some rows later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn import (
    cross_decomposition,
    ensemble,
    linear_model,
    multiclass,
    multioutput,
    neighbors,
    neural_network,
    preprocessing,
    svm,
    tree,
)
from sklearn.compose import TransformedTargetRegressor

from tools.conversion.configuration import Configuration, piped, side_by_side
from tools.conversion.tables import TargetKind

SECTION = "Several targets"
Build = Callable[[], Any]


def _row(name: str, target: TargetKind, build: Build, targets: int = 2) -> Configuration:
    def fit(rows: Any, values: Any) -> Any:
        return build().fit(rows, side_by_side(values, targets))

    return Configuration(SECTION, name, "small", target, fit, targets=targets)


def _numbers(name: str, build: Build, targets: int = 2) -> Configuration:
    return _row(name, "number", build, targets)


def _labels(name: str, build: Build, targets: int = 2) -> Configuration:
    return _row(name, "zero_one", build, targets)


CONFIGURATIONS: tuple[Configuration, ...] = (
    _numbers("LinearRegression", linear_model.LinearRegression),
    _numbers("Ridge, 7 targets", linear_model.Ridge, 7),
    _numbers("MultiTaskLasso", lambda: linear_model.MultiTaskLasso(0.01)),
    _numbers("PLSRegression, 3 targets", cross_decomposition.PLSRegression, 3),
    _numbers("DecisionTreeRegressor", tree.DecisionTreeRegressor),
    _numbers("RandomForestRegressor", lambda: ensemble.RandomForestRegressor(5, random_state=0)),
    _numbers("ExtraTreesRegressor, 7 targets", lambda: ensemble.ExtraTreesRegressor(5, random_state=0), 7),
    _numbers(
        "BaggingRegressor(Ridge, n_estimators=3)",
        lambda: ensemble.BaggingRegressor(linear_model.Ridge(), 3, random_state=0),
    ),
    _numbers("KNeighborsRegressor(weights='distance')", lambda: neighbors.KNeighborsRegressor(weights="distance")),
    _numbers(
        "StandardScaler, MLPRegressor",
        piped(
            preprocessing.StandardScaler,
            lambda: neural_network.MLPRegressor(hidden_layer_sizes=(8,), max_iter=50, random_state=0),
        ),
    ),
    _numbers("MultiOutputRegressor(Ridge)", lambda: multioutput.MultiOutputRegressor(linear_model.Ridge())),
    _numbers(
        "MultiOutputRegressor(HistGradientBoostingRegressor)",
        lambda: multioutput.MultiOutputRegressor(ensemble.HistGradientBoostingRegressor(max_iter=10)),
    ),
    _numbers("RegressorChain(Ridge)", lambda: multioutput.RegressorChain(linear_model.Ridge())),
    _numbers(
        "RegressorChain(RandomForestRegressor, order='random')",
        lambda: multioutput.RegressorChain(
            ensemble.RandomForestRegressor(3, random_state=0), order="random", random_state=0
        ),
        3,
    ),
    _numbers(
        "TransformedTargetRegressor(Ridge, QuantileTransformer)",
        lambda: TransformedTargetRegressor(
            linear_model.Ridge(), transformer=preprocessing.QuantileTransformer(n_quantiles=100)
        ),
    ),
    _labels("DecisionTreeClassifier", tree.DecisionTreeClassifier),
    _labels("RandomForestClassifier, 7 targets", lambda: ensemble.RandomForestClassifier(5, random_state=0), 7),
    _row("RandomForestClassifier", "four", lambda: ensemble.RandomForestClassifier(5, random_state=0)),
    _labels("KNeighborsClassifier", neighbors.KNeighborsClassifier),
    _labels(
        "StandardScaler, MLPClassifier",
        piped(
            preprocessing.StandardScaler,
            lambda: neural_network.MLPClassifier(hidden_layer_sizes=(8,), max_iter=50, random_state=0),
        ),
    ),
    _labels("RidgeClassifier", linear_model.RidgeClassifier),
    _labels(
        "MultiOutputClassifier(LogisticRegression)",
        lambda: multioutput.MultiOutputClassifier(linear_model.LogisticRegression(max_iter=2000)),
    ),
    _row(
        "MultiOutputClassifier(HistGradientBoostingClassifier)",
        "four",
        lambda: multioutput.MultiOutputClassifier(ensemble.HistGradientBoostingClassifier(max_iter=5)),
    ),
    _labels(
        "MultiOutputClassifier(LinearSVC)",
        piped(preprocessing.StandardScaler, lambda: multioutput.MultiOutputClassifier(svm.LinearSVC())),
    ),
    _labels(
        "ClassifierChain(LogisticRegression)",
        lambda: multioutput.ClassifierChain(linear_model.LogisticRegression(max_iter=2000)),
    ),
    _labels(
        "ClassifierChain(LogisticRegression, chain_method='predict_proba')",
        lambda: multioutput.ClassifierChain(
            linear_model.LogisticRegression(max_iter=2000), chain_method="predict_proba", cv=3
        ),
        3,
    ),
    _labels(
        "OneVsRestClassifier(LogisticRegression), multilabel",
        lambda: multiclass.OneVsRestClassifier(linear_model.LogisticRegression(max_iter=2000)),
    ),
    _labels(
        "StackingClassifier(MLPClassifier), multilabel",
        lambda: ensemble.StackingClassifier(
            [("net", neural_network.MLPClassifier(hidden_layer_sizes=(4,), max_iter=10, random_state=0))],
            final_estimator=neural_network.MLPClassifier(hidden_layer_sizes=(4,), max_iter=10, random_state=0),
            cv=2,
        ),
    ),
)
