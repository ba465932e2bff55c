"""Long work tells how far it is, not too often."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from model_export.question_answering.telling import told


@given(st.lists(st.integers()))
def test_every_item_comes_once_and_shares_rise(items: list[int]) -> None:
    shares: list[float] = []
    assert list(told(items, shares.append)) == items
    assert shares == sorted(set(shares))
    assert len(shares) == min(10, len(items))
    assert shares[:1] == [0.0][: len(items)]


def test_a_share_is_told_before_its_item() -> None:
    seen: list[object] = []
    for item in told(["a", "b"], seen.append):
        seen.append(item)  # noqa: PERF402
    assert seen == [0.0, "a", 0.5, "b"]
