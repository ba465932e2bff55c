"""The best spans, compared with a table of all spans, and their order."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.predictors.question_answering.spans import best_spans, probabilities

SHARES = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]), min_size=1, max_size=12)


def floats(values: list[float]) -> Any:
    return np.array(values, dtype=np.float32)


def brute(start: Any, end: Any, count: int, longest: int) -> list[tuple[int, int, Any]]:
    size = len(start)
    spans = [
        (one, two, start[one] * end[two]) for one, two in product(range(size), repeat=2) if 0 <= two - one < longest
    ]
    return sorted(spans, key=lambda span: (-span[2], span[0], span[1]))[:count]


@given(SHARES, st.data(), st.integers(1, 30), st.integers(1, 15))
def test_they_are_the_best_of_all_and_of_equal_ones_the_first(
    starts: list[float], data: st.DataObject, count: int, longest: int
) -> None:
    ends = data.draw(st.lists(st.sampled_from(starts), min_size=len(starts), max_size=len(starts)))
    start, end = floats(starts), floats(ends)
    found = best_spans(start, end, count, longest)
    assert list(zip(*map(np.ndarray.tolist, found), strict=True)) == brute(start, end, count, longest)


@pytest.mark.parametrize("longest", [1, 15, 4096, 10**30])
def test_a_whole_window_of_4096_tokens(longest: int) -> None:
    chance = np.random.default_rng(0)
    start, end = chance.random((2, 4096), dtype=np.float32)
    end[-1] = start[4090] = 2
    best = best_spans(start, end, 12, longest)
    assert (best.scores[:-1] >= best.scores[1:]).all()
    assert (best.ends - best.starts < longest).all()
    if longest > 5:
        assert (best.starts[0], best.ends[0]) == (4090, 4095)


def test_shares_are_of_the_context_and_of_no_answer() -> None:
    logits = floats([1, 50, 2, 3, 60, 4])
    null, shares = probabilities(logits, slice(2, 4))
    expected = np.exp([1, 2, 3]) / np.exp([1, 2, 3]).sum()
    np.testing.assert_allclose([null, *shares], expected, rtol=1e-6)


def test_scores_far_apart_are_no_overflow() -> None:
    null, shares = probabilities(floats([-3e4, 0, 3e4, -3e4]), slice(1, 4))
    assert (null, shares.tolist()) == (0, [0, 1, 0])
