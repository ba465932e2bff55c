"""Neighbours, networks, processes, dummies, and estimators that are no predictors of a target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn import (
    cluster,
    cross_decomposition,
    dummy,
    ensemble,
    gaussian_process,
    kernel_ridge,
    mixture,
    neighbors,
    neural_network,
    svm,
)
from sklearn.isotonic import IsotonicRegression
from sklearn.preprocessing import StandardScaler

from tools.conversion.configuration import Configuration, fitted, piped
from tools.conversion.tables import TargetKind

SECTION = "Neighbours, networks and others"


def _row(name: str, table: str, target: TargetKind, build: Callable[[], Any]) -> Configuration:
    return Configuration(SECTION, name, table, target, fitted(build))


_CLASSIFIERS: dict[str, Callable[[], Any]] = {
    "KNeighborsClassifier": neighbors.KNeighborsClassifier,
    "KNeighborsClassifier(weights='distance')": lambda: neighbors.KNeighborsClassifier(weights="distance"),
    "KNeighborsClassifier(metric='cosine')": lambda: neighbors.KNeighborsClassifier(metric="cosine"),
    "KNeighborsClassifier(metric='manhattan')": lambda: neighbors.KNeighborsClassifier(metric="manhattan"),
    "RadiusNeighborsClassifier": lambda: neighbors.RadiusNeighborsClassifier(radius=3, outlier_label="most_frequent"),
    "NearestCentroid": neighbors.NearestCentroid,
    "MLPClassifier": lambda: neural_network.MLPClassifier(hidden_layer_sizes=(8,), random_state=0, max_iter=40, tol=1),
    "MLPClassifier(activation='tanh')": lambda: neural_network.MLPClassifier(
        (8, 4), activation="tanh", random_state=0, max_iter=40, tol=1
    ),
    "MLPClassifier(activation='logistic')": lambda: neural_network.MLPClassifier(
        (8,), activation="logistic", random_state=0, max_iter=40, tol=1
    ),
    "GaussianProcessClassifier": lambda: gaussian_process.GaussianProcessClassifier(optimizer=None),
    "DummyClassifier": dummy.DummyClassifier,
    "DummyClassifier(strategy='most_frequent')": lambda: dummy.DummyClassifier(strategy="most_frequent"),
}
_REGRESSORS: dict[str, Callable[[], Any]] = {
    "KNeighborsRegressor": neighbors.KNeighborsRegressor,
    "KNeighborsRegressor(weights='distance', metric='manhattan')": lambda: neighbors.KNeighborsRegressor(
        weights="distance", metric="manhattan"
    ),
    "KNeighborsRegressor(p=3)": lambda: neighbors.KNeighborsRegressor(p=3),
    "RadiusNeighborsRegressor": lambda: neighbors.RadiusNeighborsRegressor(radius=9),
    "MLPRegressor": lambda: neural_network.MLPRegressor(hidden_layer_sizes=(8,), random_state=0, max_iter=40, tol=10),
    "GaussianProcessRegressor": lambda: gaussian_process.GaussianProcessRegressor(optimizer=None, alpha=0.1),
    "KernelRidge": kernel_ridge.KernelRidge,
    "DummyRegressor": dummy.DummyRegressor,
    "DummyRegressor(strategy='quantile')": lambda: dummy.DummyRegressor(strategy="quantile", quantile=0.8),
    "PLSRegression": cross_decomposition.PLSRegression,
}
_WITHOUT_TARGET: dict[str, Callable[[], Any]] = {
    "KMeans": lambda: cluster.KMeans(3, n_init=1, random_state=0),
    "MiniBatchKMeans": lambda: cluster.MiniBatchKMeans(3, n_init=1, random_state=0),
    "OneClassSVM": svm.OneClassSVM,
    "LocalOutlierFactor(novelty=True)": lambda: neighbors.LocalOutlierFactor(novelty=True),
    "GaussianMixture": lambda: mixture.GaussianMixture(2, random_state=0),
    "IsolationForest": lambda: ensemble.IsolationForest(n_estimators=5, random_state=0),
}

CONFIGURATIONS: tuple[Configuration, ...] = (
    *(_row(name, "small", "two", piped(StandardScaler, build)) for name, build in _CLASSIFIERS.items()),
    *(_row(name, "small", "three", piped(StandardScaler, build)) for name, build in _CLASSIFIERS.items()),
    *(_row(name, "small", "number", piped(StandardScaler, build)) for name, build in _REGRESSORS.items()),
    *(_row(name, "small", "two", piped(StandardScaler, build)) for name, build in _WITHOUT_TARGET.items()),
    _row("IsotonicRegression", "one", "number", lambda: IsotonicRegression(out_of_bounds="clip")),
)
