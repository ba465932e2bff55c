"""Linear classifiers over documents as a sparse matrix of terms, in the arithmetic and order of scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import ComplementNB, MultinomialNB

from model_export.pipelines.convert.graph import Graph, Refusal
from model_export.pipelines.convert.probabilities import highest, of_classes, of_two_classes, shares

Decide = Callable[[Graph, str], tuple[str, str]]
"""From scores [N, K] to the index of the predicted class [N] and probabilities [N, K]."""


@dataclass(frozen=True, slots=True)
class Linear:
    """What a fitted classifier does: scores by `coefficients` [K, terms] and `intercept` [K], then a decision.

    With two classes there may be one row of coefficients, for the second.
    """

    coefficients: Any
    intercept: Any
    decide: Decide


def linear_of(estimator: Any) -> Linear:
    """Raises Refusal for a classifier of another kind, or without probabilities."""
    if type(estimator) not in KINDS:
        names = ", ".join(kind.__name__ for kind in KINDS)
        hint = "it has no probabilities; " if not hasattr(estimator, "predict_proba") else ""
        raise Refusal(f"{hint}after a vectorizer use one of {names}")
    found = KINDS[type(estimator)](estimator)
    if found.coefficients.dtype != np.float64:
        raise Refusal(f"it was fitted on {found.coefficients.dtype} numbers; leave the vectorizer's dtype at float64")
    if not (np.isfinite(found.coefficients).all() and np.isfinite(found.intercept).all()):
        raise Refusal("its coefficients are not all finite; regularize it more")
    return found


def scores(graph: Graph, linear: Linear, inputs: Mapping[str, str]) -> str:
    """[N, K]: the products of each document added up in the order of its terms, then the intercept."""
    taken = graph.op("Gather", graph.constant(linear.coefficients.T), inputs["columns"], axis=0)
    products = graph.op("Mul", taken, graph.op("Unsqueeze", inputs["values"], graph.integers(1)))
    shape = graph.op("Concat", inputs["documents"], graph.integers(len(linear.coefficients)), axis=0)
    zeros = graph.op("ConstantOfShape", shape, value=np.zeros(1))
    places = graph.op("Unsqueeze", inputs["rows"], graph.integers(1))
    sums = graph.op("ScatterND", zeros, places, products, reduction="add")
    return graph.op("Add", sums, graph.doubles(1, -1, of=linear.intercept))


def _stochastic(estimator: Any) -> Linear:
    deciders: dict[str, tuple[Decide, Decide]] = {
        "log_loss": (_two_classes, _one_against_the_rest),
        "modified_huber": (_two_clipped, _clipped_against_the_rest),
    }
    if estimator.loss not in deciders:
        raise Refusal(f"with loss={estimator.loss!r} it has no probabilities; use loss='log_loss' or 'modified_huber'")
    of_two, of_several = deciders[estimator.loss]
    coefficients = _dense(estimator.coef_)
    return Linear(coefficients, estimator.intercept_, of_two if len(coefficients) == 1 else of_several)


def _logistic(estimator: Any) -> Linear:
    coefficients = _dense(estimator.coef_)
    intercept = np.broadcast_to(estimator.intercept_, len(coefficients))
    return Linear(coefficients, intercept, _two_classes if len(coefficients) == 1 else of_classes)


def _multinomial_bayes(estimator: Any) -> Linear:
    return Linear(estimator.feature_log_prob_, estimator.class_log_prior_, _likelihoods)


def _complement_bayes(estimator: Any) -> Linear:
    return Linear(estimator.feature_log_prob_, np.zeros(len(estimator.feature_log_prob_)), _likelihoods)


KINDS: Mapping[type, Callable[[Any], Linear]] = {
    SGDClassifier: _stochastic,
    LogisticRegression: _logistic,
    MultinomialNB: _multinomial_bayes,
    ComplementNB: _complement_bayes,
}


def _dense(coefficients: Any) -> Any:
    """`sparsify` of an estimator leaves its coefficients sparse."""
    return coefficients.toarray() if hasattr(coefficients, "toarray") else coefficients


def _two_classes(graph: Graph, found: str) -> tuple[str, str]:
    return of_two_classes(graph, graph.flat(found))


def _one_against_the_rest(graph: Graph, found: str) -> tuple[str, str]:
    """The logistic function without Sigmoid, which for scores far below 0 keeps few digits; here they matter."""
    one = graph.constant(np.array(1.0))
    small = graph.op("Exp", graph.op("Neg", graph.op("Abs", found)))
    is_positive = graph.op("GreaterOrEqual", found, graph.constant(np.array(0.0)))
    logistic = graph.op("Div", graph.op("Where", is_positive, one, small), graph.op("Add", small, one))
    return highest(graph, found), shares(graph, logistic)


def _two_clipped(graph: Graph, found: str) -> tuple[str, str]:
    label, _ = of_two_classes(graph, graph.flat(found))
    second = _clipped(graph, found)
    first = graph.op("Sub", graph.constant(np.array(1.0)), second)
    return label, graph.concat([first, second])


def _clipped_against_the_rest(graph: Graph, found: str) -> tuple[str, str]:
    return highest(graph, found), shares(graph, _clipped(graph, found))


def _clipped(graph: Graph, found: str) -> str:
    """(min(max(score, -1), 1) + 1) / 2"""
    one, minus_one = graph.constant(np.array(1.0)), graph.constant(np.array(-1.0))
    inside = graph.op("Min", graph.op("Max", found, minus_one), one)
    return graph.op("Div", graph.op("Add", inside, one), graph.constant(np.array(2.0)))


def _likelihoods(graph: Graph, found: str) -> tuple[str, str]:
    """exp(score - logsumexp), in these steps: of long documents the scores are large, and Softmax rounds otherwise."""
    greatest = graph.op("ReduceMax", found, graph.integers(1), keepdims=1)
    total = graph.op("ReduceSum", graph.op("Exp", graph.op("Sub", found, greatest)), graph.integers(1), keepdims=1)
    log_total = graph.op("Add", graph.op("Log", total), greatest)
    return highest(graph, found), graph.op("Exp", graph.op("Sub", found, log_total))
