"""N-grams of characters in documents, compared with scikit-learn's."""

from __future__ import annotations

import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from functions.predictors.text import characters
from functions.predictors.text.characters import Characters
from model_export.pipelines.edge_rows import TEXTS
from tests.predictors.text.fitted import CORPUS, assert_equal, vectorizer


def terms(texts: list[str], analyzer: str, ngram_range: tuple[int, int], *vocabulary: str) -> list[tuple[int, str]]:
    """Row and term of each occurrence, sorted."""
    found = Characters(vectorizer(analyzer=analyzer, ngram_range=ngram_range, vocabulary=vocabulary)).find(texts)
    return sorted(
        (row, vocabulary[column]) for row, column in zip(found.rows.tolist(), found.columns.tolist(), strict=True)
    )


def test_large_alphabets_need_no_large_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(characters, "LARGEST_TABLE", 0)
    for analyzer in ("char", "char_wb"):
        assert_equal(TfidfVectorizer(analyzer=analyzer, ngram_range=(2, 5)).fit(CORPUS), [*CORPUS, *TEXTS])


def test_n_grams_overlap_and_stay_in_their_document() -> None:
    assert terms(["aab", "b"], "char", (1, 2), "a", "aa", "bb") == [(0, "a"), (0, "a"), (0, "aa")]


def test_a_run_of_spaces_is_one_space() -> None:
    assert terms(["a \t\n b"], "char", (3, 3), "a b") == [(0, "a b")]


def test_words_have_a_space_on_either_side_and_n_grams_end_with_them() -> None:
    assert terms(["ab c"], "char_wb", (2, 3), " a", "b ", "b c", " c ") == [(0, " a"), (0, " c "), (0, "b ")]


def test_a_word_shorter_than_the_least_length_is_one_term() -> None:
    assert terms(["ab abcd"], "char_wb", (5, 6), " ab ", " abcd") == [(0, " ab "), (0, " abcd")]


def test_a_term_that_begins_another_is_found_too() -> None:
    assert terms(["abc"], "char", (1, 3), "a", "abc") == [(0, "a"), (0, "abc")]


@pytest.mark.parametrize("text", ["", "\ud7ff\ue000", "🚀深"])
def test_characters_that_no_term_has_are_found_nowhere(text: str) -> None:
    assert terms([text], "char", (1, 2), "a", "ab") == []
