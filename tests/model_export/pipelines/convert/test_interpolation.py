"""Lines between points, as numpy.interp draws them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_export.pipelines.convert.interpolation import interpolated, passed
from tests.model_export.pipelines.convert.small_graph import evaluate


@pytest.mark.parametrize(
    ("places", "heights"),
    [([0.0, 1.0, 4.0], [1.0, 3.0, -2.0]), ([0.0, 0.0, 1.0, 1.0], [1.0, 2.0, 5.0, 7.0])],
)
def test_places_between_and_beyond(places: list[float], heights: list[float]) -> None:
    x = np.array([-np.inf, -1.0, 0.0, 0.25, 1.0, 1.5, 2.0, 3.9, 4.0, 5.0, np.inf, np.nan])
    (found,) = evaluate(lambda graph, name: interpolated(graph, name, places, heights), x.reshape(-1, 1))
    np.testing.assert_allclose(found[:, 0], np.interp(x, places, heights), rtol=1e-15)


PLACES = st.integers(-1_000_000, 1_000_000).map(lambda number: number / 1000)


@given(st.lists(PLACES, min_size=2, max_size=8), st.lists(st.floats(-1e4, 1e4), min_size=1))
def test_any_places(places: list[float], wanted: list[float]) -> None:
    ordered, heights = sorted(places), np.arange(len(places), dtype=np.float64)
    x: Any = np.array([*wanted, *ordered])
    (found,) = evaluate(lambda graph, name: interpolated(graph, name, ordered, heights), x.reshape(-1, 1))
    np.testing.assert_allclose(found[:, 0], np.interp(x, ordered, heights), rtol=1e-12, atol=1e-12)


def test_places_that_are_reached_count() -> None:
    x = np.array([[0.0], [1.0], [1.5], [9.0]])
    assert evaluate(lambda graph, name: passed(graph, name, [1.0, 2.0]), x)[0][:, 0].tolist() == [0, 1, 1, 2]
    assert evaluate(lambda graph, name: passed(graph, name, []), x)[0][:, 0].tolist() == [0, 0, 0, 0]
