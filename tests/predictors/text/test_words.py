"""Words and their n-grams in documents, compared with scikit-learn's."""

from __future__ import annotations

import re

import pytest
from sklearn.feature_extraction.text import CountVectorizer

from functions.predictors.text.words import Words
from tests.predictors.text.fitted import CORPUS, assert_equal, vectorizer


def terms(texts: list[str], **changes: object) -> list[tuple[int, str]]:
    """Row and term of each occurrence, in the order of the text."""
    made = vectorizer(**changes)
    found = Words(made).find(texts)
    return [
        (row, made.vocabulary[column]) for row, column in zip(found.rows.tolist(), found.columns.tolist(), strict=True)
    ]


def test_words_are_found_next_to_every_character() -> None:
    texts = [f"learning{chr(point)}text" for point in (*range(0x250), *range(0x2000, 0x2070), 0x1F680)]
    assert_equal(CountVectorizer(lowercase=False).fit([*CORPUS, *texts]), [*texts, " ".join(texts)])


def test_each_occurrence_counts_in_its_own_document() -> None:
    assert terms(["a b a", "", "c b"]) == [(0, "a"), (0, "b"), (0, "a"), (1 + 1, "b")]


def test_n_grams_are_joined_by_a_space_across_any_other_characters() -> None:
    assert terms(["a,  b\na"], ngram_range=(2, 3), vocabulary=("a b", "b a", "a b a")) == [
        (0, "a b"),
        (0, "b a"),
        (0, "a b a"),
    ]


def test_words_around_a_stop_word_become_neighbours() -> None:
    assert terms(["a de b"], ngram_range=(2, 2), stop_words=("de",), vocabulary=("a b",)) == [(0, "a b")]


@pytest.mark.parametrize("text", ["ab cd", "ab 深 cd", "ab-c-cd", "ab\u00b7cd"])
def test_the_default_pattern_leaves_out_words_of_one_character(text: str) -> None:
    options = {"token_pattern": r"(?u)\b\w\w+\b", "vocabulary": ("ab", "cd", "c", "深")}
    assert terms([text], **options) == [(0, "ab"), (0, "cd")]


def test_a_pattern_that_is_no_regular_expression_is_an_error() -> None:
    with pytest.raises(re.error):
        Words(vectorizer(token_pattern="("))  # noqa: S106
