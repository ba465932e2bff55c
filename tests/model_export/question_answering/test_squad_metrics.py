"""Exact match and F1, by hand and as scores of a file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_export.question_answering.squad_metrics import exact_match, f1, normalised, score_answers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The  Grant, a loan!", "grant loan"),
        ("¡El abono de la Universidad!", "abono de universidad"),
        ("«Unos» días…", "días"),
        ("1.250,50 €", "125050 €"),
        ("tela elástica", "tela elástica"),
        ("la", ""),
        ("", ""),
    ],
)
def test_texts_are_compared_without_case_punctuation_and_articles(text: str, expected: str) -> None:
    assert normalised(text) == expected


@pytest.mark.parametrize(
    ("predicted", "truth", "exact", "shared"),
    [
        ("el 15 de octubre", "15 de octubre.", 1, 1),
        ("hasta el 15 de octubre", "15 de octubre", 0, 6 / 7),
        ("octubre", "enero", 0, 0),
        ("de de", "de", 0, 2 / 3),
        ("", "", 1, 1),
        ("", "enero", 0, 0),
        ("enero", "", 0, 0),
    ],
)
def test_answers(predicted: str, truth: str, exact: float, shared: float) -> None:
    assert exact_match(predicted, truth) == exact
    assert f1(predicted, truth) == pytest.approx(shared)


def test_the_best_of_several_truths_counts() -> None:
    assert score_answers(["octubre"], [["enero", "en octubre", "el octubre"]]) == {"exact": 100, "f1": 100}


def test_files_with_impossible_questions_have_the_metrics_of_both_kinds() -> None:
    found = score_answers(["enero", "", "marzo", "15 de octubre"], [["enero"], [], [], ["octubre"]])
    assert found == {
        "exact": 50,
        "f1": pytest.approx(62.5),
        "exact_answerable": 50,
        "f1_answerable": pytest.approx(75),
        "exact_impossible": 50,
        "f1_impossible": 50,
    }


def test_a_truth_of_articles_alone_is_none() -> None:
    assert score_answers([""], [["la"]]) == {"exact": 100, "f1": 100}


@pytest.mark.parametrize(("predicted", "truths"), [([], []), (["a"], [])])
def test_nothing_to_score_is_an_error(predicted: list[str], truths: list[list[str]]) -> None:
    with pytest.raises(ValueError, match="predictions for"):
        score_answers(predicted, truths)


@given(st.text(), st.text())
def test_scores_are_symmetric_shares_and_whole_for_equal_texts(one: str, other: str) -> None:
    assert f1(one, one) == exact_match(one, one) == 1
    assert 0 <= f1(one, other) <= 1
    assert f1(one, other) == f1(other, one)
    assert f1(one, other) == 1 or not exact_match(one, other)
