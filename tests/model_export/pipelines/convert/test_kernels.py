"""Kernels equal those of scikit-learn, far from 0 too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.metrics.pairwise import pairwise_kernels

from model_export.pipelines.convert.graph import InexactError
from model_export.pipelines.convert.kernels import Kernel, radial
from tests.model_export.pipelines.convert.small_graph import evaluate

ROWS = np.random.default_rng(0).normal(0, 1, (20, 3))
VECTORS = ROWS[::4] + 0.25
OPTIONS: dict[str, dict[str, Any]] = {
    "linear": {},
    "rbf": {"gamma": 0.3},
    "poly": {"gamma": 0.3, "degree": 3, "coef0": 1.0},
    "sigmoid": {"gamma": 0.3, "coef0": -0.5},
}


def kernel_of(name: str) -> Kernel:
    options = OPTIONS.get(name, {})
    return Kernel(name, options.get("gamma", 1.0), options.get("degree", 3), options.get("coef0", 0.0))


@pytest.mark.parametrize("kernel", OPTIONS)
def test_a_kernel_is_scikit_learns(kernel: str) -> None:
    expected = pairwise_kernels(ROWS, VECTORS, metric=kernel, **OPTIONS[kernel])
    for vectors in (VECTORS, sparse.csr_matrix(VECTORS)):
        (found,) = evaluate(lambda graph, x, v=vectors: kernel_of(kernel).between(graph, x, v), ROWS)
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_rows_far_from_zero_keep_their_distances() -> None:
    far = 1e8
    (found,) = evaluate(lambda graph, x: radial(graph, x, VECTORS + far, 0.5), ROWS + far)
    exact = ((ROWS + far)[:, np.newaxis] - (VECTORS + far)) ** 2
    np.testing.assert_allclose(found, np.exp(-0.5 * exact.sum(axis=2)), rtol=1e-12)


def test_another_kernel_is_refused() -> None:
    with pytest.raises(InexactError, match="kernel='precomputed' is not supported; use 'rbf', 'linear', 'poly' or"):
        evaluate(lambda graph, x: kernel_of("precomputed").between(graph, x, VECTORS), ROWS)
