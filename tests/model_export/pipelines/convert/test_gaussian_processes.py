"""Gaussian processes: kernels that are not known, and a process without noise; the matrix compares each kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ExpSineSquared, Matern

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert

ROWS = pd.DataFrame({"x": np.linspace(-2, 2, 15)})


def test_a_small_process_without_noise(parity: Callable[..., None]) -> None:
    model = GaussianProcessRegressor(RBF(0.5), alpha=1e-6, optimizer=None).fit(ROWS, np.sin(ROWS["x"]))
    parity(model, pd.DataFrame({"x": [*ROWS["x"], 0.1, -7.0, 1e6, -0.0]}))


@pytest.mark.parametrize(
    ("kernel", "reason"),
    [
        (ExpSineSquared(), "kernel ExpSineSquared is not supported; use one of RBF, Matern, RationalQuadratic"),
        (2.0 * ExpSineSquared() + RBF(), "kernel ExpSineSquared is not supported"),
        (Matern(nu=0.7), "nu=0.7 is not supported; set nu to 0.5, 1.5 or 2.5"),
    ],
)
def test_another_kernel_is_refused(schema: Any, kernel: Any, reason: str) -> None:
    model = GaussianProcessRegressor(kernel, alpha=0.1, optimizer=None).fit(ROWS, np.sin(ROWS["x"]))
    with pytest.raises(ConversionError, match=reason):
        convert(model, schema(ROWS))
