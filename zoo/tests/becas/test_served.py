"""A served version is measured on invented pages and on pages written by hand."""

from __future__ import annotations

from pathlib import Path

from zoo.becas.asked import invented
from zoo.becas.by_hand import read_pages
from zoo.becas.served import MEASURED, SEED, measure, read_predictor


def test_what_is_not_told_counts_only_where_no_answer_is_allowed(root: Path, tmp_path: Path) -> None:
    questions = "¿Cuánto paga la beca?\n1,200 pesos al mes | 1,200 pesos\n¿Quién la ganó?\n-\n"
    (tmp_path / "one.txt").write_text(f"La beca paga 1,200 pesos al mes.\n=====\n{questions}", "utf-8")
    predictor, asked = read_predictor(root / "models" / "becas" / "baked"), list(read_pages(tmp_path))
    assert "exact_impossible" in measure(predictor, asked, may_be_empty=True)
    assert measure(predictor, asked, may_be_empty=False)["f1"] == 100.0


def test_invented_pages_are_asked_what_they_tell_and_what_they_do_not() -> None:
    for split in MEASURED:
        asked = list(invented(split, SEED))
        assert all(answer in one.page for one in asked for answer in one.answers)
        assert 0 < sum(not one.answers for one in asked) < len(asked) / 2
