"""A long loop reports its progress, not too often."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from model_export.progress import stage_progress, with_progress


@given(st.lists(st.integers()))
def test_every_item_comes_once_and_shares_rise(items: list[int]) -> None:
    shares: list[float] = []
    assert list(with_progress(items, shares.append)) == items
    assert shares == sorted(set(shares))
    assert len(shares) == min(10, len(items))
    assert shares[:1] == [0.0][: len(items)]


def test_a_share_is_reported_before_its_item() -> None:
    seen: list[object] = []
    for item in with_progress(["a", "b"], seen.append):
        seen.append(item)  # noqa: PERF402
    assert seen == [0.0, "a", 0.5, "b"]


def test_a_stage_reports_its_share_of_the_whole() -> None:
    reports: list[tuple[str, float]] = []
    report = stage_progress(lambda stage, share: reports.append((stage, share)), "parity", 0.25, 0.75)
    report(0.0)
    report(0.5)
    report(1.0)
    assert reports == [("parity", 0.25), ("parity", 0.5), ("parity", 0.75)]
