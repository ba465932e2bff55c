"""The pages that people wrote can be read, and are no pages of the corpus."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from zoo.becas.by_hand import FOLDER, read_pages

QUESTIONS_A_PAGE = 12


def test_every_answer_stands_on_its_page_and_some_questions_have_none() -> None:
    asked = list(read_pages())
    pages = {one.page for one in asked}
    assert len(pages) == len(list(FOLDER.glob("*.txt")))
    assert len(asked) >= QUESTIONS_A_PAGE * len(pages)
    assert all(any(one.page == page and not one.answers for one in asked) for page in pages)
    assert len({(one.page, one.question) for one in asked}) == len(asked)


@pytest.mark.parametrize(
    ("text", "message"),
    [("Paga 5.\n=====\n¿Cuánto?\n6\n", "'6', an answer to '¿Cuánto?', is not on"), ("P\n=====\n¿Cuánto?\n", "zip")],
)
def test_a_page_with_a_slip_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "one.txt").write_text(text, "utf-8")
    with pytest.raises(ValueError, match=re.escape(message)):
        list(read_pages(tmp_path))
