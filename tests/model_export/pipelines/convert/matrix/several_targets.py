"""Estimators of several targets, each with the kind of targets that it is fitted on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn import (
    cross_decomposition,
    dummy,
    ensemble,
    gaussian_process,
    linear_model,
    model_selection,
    multiclass,
    multioutput,
    neighbors,
    neural_network,
    preprocessing,
    svm,
    tree,
)
from sklearn.compose import TransformedTargetRegressor
from sklearn.kernel_ridge import KernelRidge
from sklearn.pipeline import make_pipeline

Build = Callable[[], Any]

REGRESSORS: Mapping[str, Build] = {
    "LinearRegression": linear_model.LinearRegression,
    "LinearRegression without intercept": lambda: linear_model.LinearRegression(fit_intercept=False),
    "Ridge": linear_model.Ridge,
    "RidgeCV": linear_model.RidgeCV,
    "Lasso": lambda: linear_model.Lasso(0.01),
    "ElasticNet": lambda: linear_model.ElasticNet(0.01),
    "MultiTaskLasso": lambda: linear_model.MultiTaskLasso(0.01),
    "MultiTaskLassoCV": lambda: linear_model.MultiTaskLassoCV(cv=2),
    "MultiTaskElasticNet": lambda: linear_model.MultiTaskElasticNet(0.01),
    "MultiTaskElasticNetCV": lambda: linear_model.MultiTaskElasticNetCV(cv=2),
    "Lars": linear_model.Lars,
    "LassoLars": lambda: linear_model.LassoLars(0.01),
    "OrthogonalMatchingPursuit": linear_model.OrthogonalMatchingPursuit,
    "RANSACRegressor": lambda: linear_model.RANSACRegressor(random_state=0),
    "PLSRegression": cross_decomposition.PLSRegression,
    "DecisionTreeRegressor": lambda: tree.DecisionTreeRegressor(max_depth=3),
    "ExtraTreeRegressor": lambda: tree.ExtraTreeRegressor(max_depth=3, random_state=0),
    "RandomForestRegressor": lambda: ensemble.RandomForestRegressor(5, random_state=0),
    "ExtraTreesRegressor": lambda: ensemble.ExtraTreesRegressor(5, random_state=0),
    "BaggingRegressor of trees": lambda: ensemble.BaggingRegressor(n_estimators=3, max_features=0.7, random_state=0),
    "BaggingRegressor(Ridge)": lambda: ensemble.BaggingRegressor(linear_model.Ridge(), n_estimators=3, random_state=0),
    "KNeighborsRegressor": neighbors.KNeighborsRegressor,
    "KNeighborsRegressor by distance": lambda: neighbors.KNeighborsRegressor(weights="distance"),
    "MLPRegressor": lambda: neural_network.MLPRegressor(hidden_layer_sizes=(4,), max_iter=20, random_state=0),
    "KernelRidge": lambda: KernelRidge(kernel="rbf"),
    "GaussianProcessRegressor": lambda: gaussian_process.GaussianProcessRegressor(alpha=1.0, normalize_y=True),
    "DummyRegressor": dummy.DummyRegressor,
    "MultiOutputRegressor(HistGradientBoosting)": lambda: multioutput.MultiOutputRegressor(
        ensemble.HistGradientBoostingRegressor(max_iter=3, min_samples_leaf=5)
    ),
    "MultiOutputRegressor(SVR)": lambda: multioutput.MultiOutputRegressor(svm.SVR()),
    "MultiOutputRegressor of pipelines": lambda: multioutput.MultiOutputRegressor(
        make_pipeline(preprocessing.StandardScaler(), linear_model.Ridge())
    ),
    "RegressorChain(Ridge)": lambda: multioutput.RegressorChain(linear_model.Ridge()),
    "RegressorChain in another order": lambda: multioutput.RegressorChain(
        tree.DecisionTreeRegressor(max_depth=3), order="random", random_state=1, cv=3
    ),
    "TransformedTargetRegressor, scaled": lambda: TransformedTargetRegressor(
        linear_model.Ridge(), transformer=preprocessing.StandardScaler()
    ),
    "TransformedTargetRegressor, powers": lambda: TransformedTargetRegressor(
        ensemble.RandomForestRegressor(3, random_state=0), transformer=preprocessing.PowerTransformer()
    ),
    "TransformedTargetRegressor, quantiles": lambda: TransformedTargetRegressor(
        linear_model.Ridge(), transformer=preprocessing.QuantileTransformer(n_quantiles=20)
    ),
    "TransformedTargetRegressor, two scalers": lambda: TransformedTargetRegressor(
        linear_model.Ridge(), transformer=make_pipeline(preprocessing.MinMaxScaler(), preprocessing.RobustScaler())
    ),
    "TransformedTargetRegressor, function": lambda: TransformedTargetRegressor(
        linear_model.Ridge(), func=np.negative, inverse_func=np.negative
    ),
    "GridSearchCV(Ridge)": lambda: model_selection.GridSearchCV(linear_model.Ridge(), {"alpha": [0.1, 1]}, cv=2),
}
OF_CLASSES: Mapping[str, Build] = {
    "DecisionTreeClassifier": lambda: tree.DecisionTreeClassifier(max_depth=3),
    "ExtraTreeClassifier": lambda: tree.ExtraTreeClassifier(max_depth=3, random_state=0),
    "RandomForestClassifier": lambda: ensemble.RandomForestClassifier(5, max_depth=3, random_state=0),
    "ExtraTreesClassifier": lambda: ensemble.ExtraTreesClassifier(5, max_depth=3, random_state=0),
    "KNeighborsClassifier": neighbors.KNeighborsClassifier,
    "KNeighborsClassifier by distance": lambda: neighbors.KNeighborsClassifier(weights="distance"),
    "DummyClassifier": dummy.DummyClassifier,
    "MultiOutputClassifier(LogisticRegression)": lambda: multioutput.MultiOutputClassifier(
        linear_model.LogisticRegression()
    ),
    "MultiOutputClassifier(HistGradientBoosting)": lambda: multioutput.MultiOutputClassifier(
        ensemble.HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=5)
    ),
    "MultiOutputClassifier(Bagging)": lambda: multioutput.MultiOutputClassifier(
        ensemble.BaggingClassifier(n_estimators=3, random_state=0)
    ),
}
"""Classifiers of any number of classes for each target."""
WITH_DECISION: Mapping[str, Build] = {
    "MultiOutputClassifier(LinearSVC)": lambda: multioutput.MultiOutputClassifier(svm.LinearSVC()),
    "Pipeline of MultiOutputClassifier(Perceptron)": lambda: make_pipeline(
        preprocessing.StandardScaler(), multioutput.MultiOutputClassifier(linear_model.Perceptron())
    ),
}
"""The same without probabilities."""
OF_LABELS: Mapping[str, Build] = {
    "OneVsRestClassifier(LogisticRegression)": lambda: multiclass.OneVsRestClassifier(
        linear_model.LogisticRegression()
    ),
    "OneVsRestClassifier(RandomForest)": lambda: multiclass.OneVsRestClassifier(
        ensemble.RandomForestClassifier(3, random_state=0)
    ),
    "MLPClassifier": lambda: neural_network.MLPClassifier(hidden_layer_sizes=(4,), max_iter=20, random_state=0),
    "ClassifierChain(LogisticRegression)": lambda: multioutput.ClassifierChain(
        linear_model.LogisticRegression(), order="random", random_state=1
    ),
    "ClassifierChain by probabilities": lambda: multioutput.ClassifierChain(
        linear_model.LogisticRegression(), chain_method="predict_proba", cv=3
    ),
    "ClassifierChain by decisions": lambda: multioutput.ClassifierChain(
        linear_model.LogisticRegression(), chain_method="decision_function"
    ),
}
"""Classifiers of a matrix of 0 and 1."""
LABELS_WITH_DECISION: Mapping[str, Build] = {
    "OneVsRestClassifier(LinearSVC)": lambda: multiclass.OneVsRestClassifier(svm.LinearSVC()),
    "ClassifierChain(LinearSVC)": lambda: multioutput.ClassifierChain(svm.LinearSVC()),
    "RidgeClassifier": linear_model.RidgeClassifier,
    "RidgeClassifierCV": linear_model.RidgeClassifierCV,
}
"""The same without probabilities."""
