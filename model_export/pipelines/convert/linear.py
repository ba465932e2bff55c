"""Linear models over tables and over documents, in the arithmetic and order of scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import ComplementNB, MultinomialNB

from model_export.pipelines.convert.graph import Graph, InexactError, Tensor
from model_export.pipelines.convert.probabilities import (
    Decide,
    clipped_against_the_rest,
    clipped_of_two,
    likelihoods,
    of_classes,
    of_two_classes,
    one_against_the_rest,
)


@dataclass(frozen=True, slots=True)
class LinearClassifier:
    """A fitted classifier: scores by `coefficients` [K, features] and `intercept` [K], then a decision.

    With two classes there may be one row of coefficients, for the second.
    """

    coefficients: Any
    intercept: Any
    decide: Decide


def linear_classifier_of(estimator: Any) -> LinearClassifier:
    """Raises InexactError for a classifier of another kind, or without probabilities."""
    if type(estimator) not in LINEAR_CLASSIFIERS:
        names = ", ".join(kind.__name__ for kind in LINEAR_CLASSIFIERS)
        hint = "it has no probabilities; " if not hasattr(estimator, "predict_proba") else ""
        raise InexactError(f"{hint}after a vectorizer use one of {names}")
    linear = LINEAR_CLASSIFIERS[type(estimator)](estimator)
    _refuse_single_precision(linear.coefficients)
    if not (np.isfinite(linear.coefficients).all() and np.isfinite(linear.intercept).all()):
        raise InexactError("its coefficients are not all finite; regularize it more")
    return linear


def linear_classifier(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    linear = linear_classifier_of(estimator)
    return linear.decide(graph, _scores(graph, inputs[0].name, linear.coefficients, linear.intercept))


def linear_regressor(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    coefficients = np.atleast_2d(estimator.coef_)
    if len(coefficients) != 1:
        raise InexactError("it predicts several targets; train one model for each")
    return (graph.flat(_scores(graph, inputs[0].name, coefficients, estimator.intercept_)),)


def without_probabilities(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    raise InexactError("it has no probabilities; put it into a CalibratedClassifierCV")


def linear_decision(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> str:
    """decision_function, [N, K]; [N, 1] with two classes."""
    (tensor,) = inputs
    return _scores(graph, tensor.name, np.atleast_2d(estimator.coef_), estimator.intercept_)


def document_scores(graph: Graph, linear: LinearClassifier, inputs: Mapping[str, str]) -> str:
    """[N, K]: the products of each document added up in the order of its terms, then the intercept.

    `inputs` names the tensors of SPARSE_INPUTS. A Gemm over all terms would read a matrix of mostly zeros, and add in
    an order of its own.
    """
    taken = graph.op("Gather", graph.constant(linear.coefficients.T), inputs["columns"], axis=0)
    products = graph.op("Mul", taken, graph.op("Unsqueeze", inputs["values"], graph.integers(1)))
    shape = graph.op("Concat", inputs["documents"], graph.integers(len(linear.coefficients)), axis=0)
    zeros = graph.op("ConstantOfShape", shape, value=np.zeros(1))
    places = graph.op("Unsqueeze", inputs["rows"], graph.integers(1))
    sums = graph.op("ScatterND", zeros, places, products, reduction="add")
    return graph.op("Add", sums, graph.doubles(1, -1, of=linear.intercept))


def _scores(graph: Graph, x: str, coefficients: Any, intercept: Any) -> str:
    """[N, K]: one score for each row of `coefficients`."""
    _refuse_single_precision(coefficients)
    offsets = np.broadcast_to(intercept, len(coefficients))
    return graph.op("Gemm", x, graph.constant(coefficients.T), graph.doubles(-1, of=offsets))


def _refuse_single_precision(coefficients: Any) -> None:
    if coefficients.dtype != np.float64:
        raise InexactError(f"it was fitted on {coefficients.dtype} numbers; fit it on float64")


def _stochastic(estimator: Any) -> LinearClassifier:
    deciders: dict[str, tuple[Decide, Decide]] = {
        "log_loss": (_two_classes, one_against_the_rest),
        "modified_huber": (clipped_of_two, clipped_against_the_rest),
    }
    if estimator.loss not in deciders:
        raise InexactError(
            f"with loss={estimator.loss!r} it has no probabilities; use loss='log_loss' or 'modified_huber'"
        )
    of_two, of_several = deciders[estimator.loss]
    coefficients = _dense(estimator.coef_)
    return LinearClassifier(coefficients, estimator.intercept_, of_two if len(coefficients) == 1 else of_several)


def _logistic(estimator: Any) -> LinearClassifier:
    coefficients = _dense(estimator.coef_)
    intercept = np.broadcast_to(estimator.intercept_, len(coefficients))
    return LinearClassifier(coefficients, intercept, _two_classes if len(coefficients) == 1 else of_classes)


def _multinomial_bayes(estimator: Any) -> LinearClassifier:
    return LinearClassifier(estimator.feature_log_prob_, estimator.class_log_prior_, likelihoods)


def _complement_bayes(estimator: Any) -> LinearClassifier:
    return LinearClassifier(estimator.feature_log_prob_, np.zeros(len(estimator.feature_log_prob_)), likelihoods)


LINEAR_CLASSIFIERS: Mapping[type, Callable[[Any], LinearClassifier]] = {
    SGDClassifier: _stochastic,
    LogisticRegression: _logistic,
    MultinomialNB: _multinomial_bayes,
    ComplementNB: _complement_bayes,
}
"""Classifiers over documents."""
OVER_TABLES = (SGDClassifier, LogisticRegression)
"""The ones that are converted over tables too; naive Bayes would take any number there for a count of words."""


def _dense(coefficients: Any) -> Any:
    """`sparsify` of an estimator leaves its coefficients sparse."""
    return coefficients.toarray() if hasattr(coefficients, "toarray") else coefficients


def _two_classes(graph: Graph, scores: str) -> tuple[str, str]:
    return of_two_classes(graph, graph.flat(scores))
