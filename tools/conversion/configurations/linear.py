"""Linear models, discriminants, naive Bayes, support vector machines and calibration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn import discriminant_analysis, linear_model, naive_bayes, svm
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler

from tools.conversion.configuration import Configuration, fitted, piped
from tools.conversion.tables import TargetKind

SECTION = "Linear models"


def _row(name: str, table: str, target: TargetKind, build: Callable[[], Any]) -> Configuration:
    return Configuration(SECTION, name, table, target, fitted(build))


_REGRESSORS: dict[str, Callable[[], Any]] = {
    "LinearRegression": linear_model.LinearRegression,
    "LinearRegression(fit_intercept=False)": lambda: linear_model.LinearRegression(fit_intercept=False),
    "LinearRegression(positive=True)": lambda: linear_model.LinearRegression(positive=True),
    "Ridge": linear_model.Ridge,
    "RidgeCV": linear_model.RidgeCV,
    "Lasso": lambda: linear_model.Lasso(alpha=0.1),
    "LassoCV": lambda: linear_model.LassoCV(cv=3),
    "ElasticNet": lambda: linear_model.ElasticNet(alpha=0.1),
    "ElasticNetCV": lambda: linear_model.ElasticNetCV(cv=3),
    "BayesianRidge": linear_model.BayesianRidge,
    "ARDRegression": linear_model.ARDRegression,
    "HuberRegressor": lambda: linear_model.HuberRegressor(max_iter=1000),
    "Lars": linear_model.Lars,
    "LarsCV": lambda: linear_model.LarsCV(cv=3),
    "LassoLars": lambda: linear_model.LassoLars(alpha=0.01),
    "LassoLarsCV": lambda: linear_model.LassoLarsCV(cv=3),
    "LassoLarsIC": linear_model.LassoLarsIC,
    "OrthogonalMatchingPursuit": linear_model.OrthogonalMatchingPursuit,
    "OrthogonalMatchingPursuitCV": lambda: linear_model.OrthogonalMatchingPursuitCV(cv=3),
    "TheilSenRegressor": lambda: linear_model.TheilSenRegressor(random_state=0, max_subpopulation=200),
    "RANSACRegressor": lambda: linear_model.RANSACRegressor(random_state=0),
    "SGDRegressor": lambda: linear_model.SGDRegressor(random_state=0),
    "SGDRegressor(loss='huber')": lambda: linear_model.SGDRegressor(loss="huber", random_state=0),
    "SGDRegressor(loss='epsilon_insensitive')": lambda: linear_model.SGDRegressor(
        loss="epsilon_insensitive", random_state=0
    ),
    "PassiveAggressiveRegressor": lambda: linear_model.PassiveAggressiveRegressor(random_state=0),
    "QuantileRegressor": lambda: linear_model.QuantileRegressor(alpha=0.01),
    "LinearSVR": lambda: svm.LinearSVR(random_state=0),
    "SVR(kernel='rbf')": svm.SVR,
    "SVR(kernel='linear')": lambda: svm.SVR(kernel="linear"),
    "SVR(kernel='poly')": lambda: svm.SVR(kernel="poly"),
    "SVR(kernel='sigmoid')": lambda: svm.SVR(kernel="sigmoid"),
    "NuSVR": svm.NuSVR,
}
_POSITIVE_REGRESSORS: dict[str, Callable[[], Any]] = {
    "PoissonRegressor": linear_model.PoissonRegressor,
    "GammaRegressor": linear_model.GammaRegressor,
    "TweedieRegressor(power=1.5)": lambda: linear_model.TweedieRegressor(power=1.5),
    "TweedieRegressor(power=0, link='identity')": lambda: linear_model.TweedieRegressor(power=0, link="identity"),
}
_CLASSIFIERS: dict[str, Callable[[], Any]] = {
    "LogisticRegression": linear_model.LogisticRegression,
    "LogisticRegression(class_weight='balanced')": lambda: linear_model.LogisticRegression(class_weight="balanced"),
    "LogisticRegressionCV": lambda: linear_model.LogisticRegressionCV(cv=3, Cs=3),
    "RidgeClassifier": linear_model.RidgeClassifier,
    "RidgeClassifierCV": linear_model.RidgeClassifierCV,
    "LinearSVC": lambda: svm.LinearSVC(random_state=0),
    "SGDClassifier(loss='hinge')": lambda: linear_model.SGDClassifier(random_state=0),
    "SGDClassifier(loss='squared_hinge')": lambda: linear_model.SGDClassifier(loss="squared_hinge", random_state=0),
    "SGDClassifier(loss='log_loss')": lambda: linear_model.SGDClassifier(loss="log_loss", random_state=0),
    "SGDClassifier(loss='modified_huber')": lambda: linear_model.SGDClassifier(loss="modified_huber", random_state=0),
    "PassiveAggressiveClassifier": lambda: linear_model.PassiveAggressiveClassifier(random_state=0),
    "Perceptron": lambda: linear_model.Perceptron(random_state=0),
    "LinearDiscriminantAnalysis": discriminant_analysis.LinearDiscriminantAnalysis,
    "LinearDiscriminantAnalysis(solver='lsqr', shrinkage='auto')": lambda: (
        discriminant_analysis.LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    ),
    "QuadraticDiscriminantAnalysis": discriminant_analysis.QuadraticDiscriminantAnalysis,
    "GaussianNB": naive_bayes.GaussianNB,
    "SVC(kernel='linear')": lambda: svm.SVC(kernel="linear"),
    "SVC(kernel='rbf')": svm.SVC,
    "SVC(kernel='poly')": lambda: svm.SVC(kernel="poly"),
    "SVC(kernel='sigmoid')": lambda: svm.SVC(kernel="sigmoid"),
    "NuSVC": lambda: svm.NuSVC(nu=0.2),
    "CalibratedClassifierCV(LinearSVC, sigmoid)": lambda: CalibratedClassifierCV(svm.LinearSVC(random_state=0), cv=2),
    "CalibratedClassifierCV(LinearSVC, isotonic)": lambda: CalibratedClassifierCV(
        svm.LinearSVC(random_state=0), method="isotonic", cv=2
    ),
    "CalibratedClassifierCV(LinearSVC, temperature)": lambda: CalibratedClassifierCV(
        svm.LinearSVC(random_state=0), method="temperature", cv=2
    ),
    "CalibratedClassifierCV(RandomForest, isotonic)": lambda: CalibratedClassifierCV(
        RandomForestClassifier(n_estimators=10, random_state=0), method="isotonic", cv=2
    ),
    "CalibratedClassifierCV(LogisticRegression, ensemble=False)": lambda: CalibratedClassifierCV(
        linear_model.LogisticRegression(), ensemble=False, cv=2
    ),
    "CalibratedClassifierCV(GaussianNB)": lambda: CalibratedClassifierCV(naive_bayes.GaussianNB(), cv=2),
    "CalibratedClassifierCV(SVC)": lambda: CalibratedClassifierCV(svm.SVC(), cv=2),
}
_COUNTS: dict[str, Callable[[], Any]] = {
    "MultinomialNB": naive_bayes.MultinomialNB,
    "ComplementNB": naive_bayes.ComplementNB,
    "BernoulliNB(binarize=3)": lambda: naive_bayes.BernoulliNB(binarize=3),
}

CONFIGURATIONS: tuple[Configuration, ...] = (
    *(_row(name, "wide", "number", piped(StandardScaler, build)) for name, build in _REGRESSORS.items()),
    *(_row(name, "small", "positive", piped(StandardScaler, build)) for name, build in _POSITIVE_REGRESSORS.items()),
    *(_row(name, "wide", "two", piped(StandardScaler, build)) for name, build in _CLASSIFIERS.items()),
    *(_row(name, "small", "three", piped(StandardScaler, build)) for name, build in _CLASSIFIERS.items()),
    *(_row(name, "positive", "three", build) for name, build in _COUNTS.items()),
    _row(
        "LogisticRegression(solver='liblinear')",
        "wide",
        "two",
        piped(StandardScaler, lambda: linear_model.LogisticRegression(solver="liblinear")),
    ),
    _row(
        "LogisticRegression on labels 0 and 1",
        "wide",
        "zero_one",
        piped(StandardScaler, linear_model.LogisticRegression),
    ),
    _row(
        "LogisticRegression(l1_ratio=0.5, solver='saga')",
        "small",
        "three",
        piped(
            StandardScaler,
            lambda: linear_model.LogisticRegression(l1_ratio=0.5, solver="saga", max_iter=2000, tol=1e-2),
        ),
    ),
    _row(
        "CategoricalNB after OrdinalEncoder",
        "categories",
        "two",
        lambda: make_pipeline(OrdinalEncoder(), naive_bayes.CategoricalNB()),
    ),
)
