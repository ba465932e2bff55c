"""Linear models over tables and over documents, in the arithmetic and order of scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn import linear_model, svm
from sklearn.cross_decomposition import PLSRegression
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.naive_bayes import ComplementNB, MultinomialNB

from model_export.pipelines.convert.graph import Graph, InexactError, Tensor
from model_export.pipelines.convert.links import inverse_of_link
from model_export.pipelines.convert.probabilities import (
    Decide,
    by_highest,
    by_sign,
    by_sign_of_each,
    clipped_against_the_rest,
    clipped_of_two,
    likelihoods,
    of_classes,
    of_two_classes,
    one_against_the_rest,
)

MOST_COEFFICIENTS = 2**26
"""Of one model over documents: half a gigabyte of graph."""


@dataclass(frozen=True, slots=True)
class LinearClassifier:
    """A fitted classifier: scores by `coefficients` [K, features] and `intercept` [K], then a decision.

    With two classes there may be one row of coefficients, for the second.
    """

    coefficients: Any
    intercept: Any
    decide: Decide


def linear_classifier_of(estimator: Any) -> LinearClassifier:
    """Raises InexactError for coefficients that are not finite, or in single precision."""
    linear = LINEAR_CLASSIFIERS[type(estimator)](estimator)
    _refuse_single_precision(linear.coefficients)
    if not (np.isfinite(linear.coefficients).all() and np.isfinite(linear.intercept).all()):
        raise InexactError("its coefficients are not all finite; regularize it more")
    return linear


def linear_classifier(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    linear = linear_classifier_of(estimator)
    return linear.decide(graph, scores_of(graph, inputs, linear.coefficients, linear.intercept))


def linear_regressor(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    return (_prediction(graph, estimator, inputs[0].name),)


def generalized_regressor(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """The inverse of the link function, of the linear prediction."""
    predicted = _prediction(graph, estimator, inputs[0].name)
    return (inverse_of_link(graph, estimator._base_loss.link, predicted),)


def centred_regressor(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    """PLSRegression, which takes the means of the training rows off first."""
    centred = graph.op("Sub", inputs[0].name, graph.doubles(1, -1, of=estimator._x_mean))
    return (_prediction(graph, estimator, centred),)


def linear_decision(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> str:
    """decision_function, [N, K]; [N, 1] with two classes."""
    return scores_of(graph, inputs, np.atleast_2d(_dense(estimator.coef_)), estimator.intercept_)


def _document_scores(graph: Graph, documents: Sequence[Tensor], coefficients: Any, intercept: Any) -> str:
    """[N, K]: the products of each document added up in the order of its terms, then the intercept.

    A Gemm over all terms would read a matrix of mostly zeros, and add in an order of its own.
    """
    rows, columns, cells, count = (tensor.name for tensor in documents)
    taken = _of_terms(graph, coefficients, columns)
    products = graph.op("Mul", taken, graph.op("Unsqueeze", cells, graph.integers(1)))
    shape = graph.op("Concat", count, graph.integers(len(coefficients)), axis=0)
    zeros = graph.op("ConstantOfShape", shape, value=np.zeros(1))
    sums = graph.op("ScatterND", zeros, graph.op("Unsqueeze", rows, graph.integers(1)), products, reduction="add")
    return graph.op("Add", sums, graph.doubles(1, -1, of=intercept))


def _of_terms(graph: Graph, coefficients: Any, columns: str) -> str:
    """The coefficients [cells, K] of the terms `columns`.

    Most hashes belong to no word of the training, and have no coefficient: all of them share one row of zeros.
    """
    used = np.flatnonzero(coefficients.any(axis=0))
    if 2 * len(used) < coefficients.shape[1]:
        places = np.full(coefficients.shape[1], len(used), dtype=np.int32)
        places[used] = np.arange(len(used))
        columns = graph.op("Gather", graph.constant(places), columns, axis=0)
        coefficients = np.column_stack([coefficients[:, used], np.zeros(len(coefficients))])
    if coefficients.size > MOST_COEFFICIENTS:
        raise InexactError(
            f"it has {coefficients.shape[1]:,} terms for {len(coefficients)} classes, and the limit is "
            f"{MOST_COEFFICIENTS:,} coefficients; set max_features, or n_features=2**16 where terms are hashed"
        )
    return graph.op("Gather", graph.constant(np.ascontiguousarray(coefficients.T)), columns, axis=0)


def _prediction(graph: Graph, estimator: Any, x: str) -> str:
    """[N], or [N, targets] of several."""
    coefficients = np.atleast_2d(_dense(estimator.coef_))
    predicted = scores_of(graph, [Tensor(x, is_string=False)], coefficients, np.ravel(estimator.intercept_))
    return graph.predicted(predicted, len(coefficients))


def scores_of(graph: Graph, inputs: Sequence[Tensor], coefficients: Any, intercept: Any) -> str:
    """[N, K]: one score for each row of `coefficients`, over a table or over documents."""
    _refuse_single_precision(coefficients)
    offsets = np.broadcast_to(intercept, len(coefficients))
    if len(inputs) > 1:
        return _document_scores(graph, inputs, coefficients, offsets)
    return graph.op("Gemm", inputs[0].name, graph.constant(coefficients.T), graph.doubles(-1, of=offsets))


def _refuse_single_precision(coefficients: Any) -> None:
    if coefficients.dtype != np.float64:
        raise InexactError(f"it was fitted on {coefficients.dtype} numbers; fit it on float64")


def _stochastic(estimator: Any) -> LinearClassifier:
    deciders: dict[str, tuple[Decide, Decide]] = {
        "log_loss": (_two_classes, one_against_the_rest),
        "modified_huber": (clipped_of_two, clipped_against_the_rest),
    }
    of_two, of_several = deciders.get(estimator.loss, (by_sign, by_highest))
    coefficients = _dense(estimator.coef_)
    return LinearClassifier(coefficients, estimator.intercept_, of_two if len(coefficients) == 1 else of_several)


def _logistic(estimator: Any) -> LinearClassifier:
    coefficients = _dense(estimator.coef_)
    intercept = np.broadcast_to(estimator.intercept_, len(coefficients))
    return LinearClassifier(coefficients, intercept, _two_classes if len(coefficients) == 1 else of_classes)


def _without_probabilities(estimator: Any) -> LinearClassifier:
    coefficients = np.atleast_2d(_dense(estimator.coef_))
    intercept = np.broadcast_to(estimator.intercept_, len(coefficients))
    return LinearClassifier(coefficients, intercept, by_sign if len(coefficients) == 1 else by_highest)


def _ridge(estimator: Any) -> LinearClassifier:
    """A RidgeClassifier, which may have been fitted on a matrix of labels."""
    linear = _without_probabilities(estimator)
    if str(estimator._label_binarizer.y_type_).startswith("multilabel"):
        return replace(linear, decide=by_sign_of_each)
    return linear


def _multinomial_bayes(estimator: Any) -> LinearClassifier:
    return LinearClassifier(estimator.feature_log_prob_, estimator.class_log_prior_, likelihoods)


def _complement_bayes(estimator: Any) -> LinearClassifier:
    return LinearClassifier(estimator.feature_log_prob_, np.zeros(len(estimator.feature_log_prob_)), likelihoods)


LINEAR_CLASSIFIERS: Mapping[type, Callable[[Any], LinearClassifier]] = {
    linear_model.SGDClassifier: _stochastic,
    linear_model.LogisticRegression: _logistic,
    linear_model.LogisticRegressionCV: _logistic,
    LinearDiscriminantAnalysis: _logistic,
    svm.LinearSVC: _without_probabilities,
    linear_model.RidgeClassifier: _ridge,
    linear_model.RidgeClassifierCV: _ridge,
    linear_model.Perceptron: _without_probabilities,
    linear_model.PassiveAggressiveClassifier: _without_probabilities,
    MultinomialNB: _multinomial_bayes,
    ComplementNB: _complement_bayes,
}
"""Classifiers over tables and over documents."""
WITH_DECISION = tuple(kind for kind in LINEAR_CLASSIFIERS if hasattr(kind, "decision_function"))
LINEAR_REGRESSORS: tuple[type, ...] = (
    linear_model.ARDRegression,
    linear_model.BayesianRidge,
    linear_model.ElasticNet,
    linear_model.ElasticNetCV,
    linear_model.HuberRegressor,
    linear_model.Lars,
    linear_model.LarsCV,
    linear_model.Lasso,
    linear_model.LassoCV,
    linear_model.LassoLars,
    linear_model.LassoLarsCV,
    linear_model.LassoLarsIC,
    linear_model.LinearRegression,
    linear_model.MultiTaskElasticNet,
    linear_model.MultiTaskElasticNetCV,
    linear_model.MultiTaskLasso,
    linear_model.MultiTaskLassoCV,
    linear_model.OrthogonalMatchingPursuit,
    linear_model.OrthogonalMatchingPursuitCV,
    linear_model.PassiveAggressiveRegressor,
    linear_model.QuantileRegressor,
    linear_model.Ridge,
    linear_model.RidgeCV,
    linear_model.SGDRegressor,
    linear_model.TheilSenRegressor,
    svm.LinearSVR,
)
GENERALIZED_REGRESSORS: tuple[type, ...] = (
    linear_model.GammaRegressor,
    linear_model.PoissonRegressor,
    linear_model.TweedieRegressor,
)
CENTRED_REGRESSORS: tuple[type, ...] = (PLSRegression,)


def _dense(coefficients: Any) -> Any:
    """`sparsify` of an estimator leaves its coefficients sparse."""
    return coefficients.toarray() if hasattr(coefficients, "toarray") else coefficients


def _two_classes(graph: Graph, scores: str) -> tuple[str, str]:
    return of_two_classes(graph, graph.flat(scores))
