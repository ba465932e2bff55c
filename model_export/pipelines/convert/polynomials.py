"""PolynomialFeatures: products of columns, each made from a product of one degree less as scikit-learn does."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, combinations_with_replacement
from typing import Any

import numpy as np

from model_export.pipelines.convert.graph import Graph, Tensor

Term = tuple[int, ...]
"""The columns that are multiplied, in ascending order."""


def polynomial(graph: Graph, estimator: Any, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    x = inputs[0].name
    pieces = [_ones(graph, x)] if estimator.include_bias else []
    choose = combinations if estimator.interaction_only else combinations_with_replacement
    terms: list[Term] = [(column,) for column in range(estimator.n_features_in_)]
    product = x
    for degree in range(1, estimator._max_degree + 1):
        if degree > 1:
            before = {term: place for place, term in enumerate(terms)}
            terms = list(choose(range(estimator.n_features_in_), degree))
            if not terms:
                break
            rest = graph.gather(product, [before[term[1:]] for term in terms])
            product = graph.op("Mul", rest, graph.gather(x, [term[0] for term in terms]))
        if degree >= estimator._min_degree:
            pieces.append(product)
    return (graph.concat(pieces),)


def _ones(graph: Graph, x: str) -> str:
    """[N, 1] ones; by the shape of x, as its values may be infinite."""
    rows = graph.op("Shape", x, start=0, end=1)
    shape = graph.op("Concat", rows, graph.integers(1), axis=0)
    return graph.op("ConstantOfShape", shape, value=np.ones(1))
