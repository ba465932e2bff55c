"""Answers of several windows joined, from spans and from the scores of a graph."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from functions.predictors.question_answering.answers import FoundAnswers
from functions.predictors.question_answering.pairs import PairReader
from functions.predictors.question_answering.parameters import AnsweringParameters
from tests.predictors.question_answering.tiny_answering import SETTINGS, TOKENIZERS, tokenizer

CONTEXT = "Beca beca y BECA, no beca."


def found(*windows: tuple[list[tuple[int, int]], list[float]]) -> FoundAnswers:
    answers = FoundAnswers(CONTEXT)
    for spans, scores in windows:
        answers.add(np.array(spans, dtype=np.int64).reshape(-1, 2), np.array(scores, dtype=np.float32))
    return answers


def test_texts_equal_but_for_case_are_the_first_with_all_scores() -> None:
    both = found(([(5, 9), (0, 4)], [0.25, 0.125]), ([(12, 16), (10, 11)], [0.125, 0.375]))
    assert both.best(5) == [
        {"score": 0.5, "start": 5, "end": 9, "answer": "beca"},
        {"score": 0.375, "start": 10, "end": 11, "answer": "y"},
    ]


def test_equally_good_answers_keep_the_order_in_which_they_were_found() -> None:
    assert [one["answer"] for one in found(([(10, 11), (0, 4), (18, 20)], [0.5, 0.5, 0.5])).best(2)] == ["y", "Beca"]


@pytest.mark.parametrize(("scores", "least"), [([0.5], 0.5), ([0.5, 0.25, 0.75], 0.25)])
def test_no_answer_is_as_likely_as_in_the_window_that_denies_it_most(scores: list[float], least: float) -> None:
    answers = found(([(0, 4)], [0.3]))
    for score in scores:
        answers.add_null(np.float32(score))
    assert {"score": least, "start": 0, "end": 0, "answer": ""} in answers.best(5)
    assert answers.best(1)[0]["answer"] == ("Beca" if least < 0.3 else "")


@pytest.mark.parametrize(
    ("threshold", "order"),
    [
        (0.0, ["", "Beca", "y"]),
        (0.68, ["", "Beca", "y"]),
        (0.7, ["Beca", "", "y"]),  # the logarithm of 0.5 / 0.25 is 0.69
        (1.4, ["Beca", "y", ""]),
        (1e9, ["Beca", "y", ""]),
        (-1e9, ["", "Beca", "y"]),
    ],
)
def test_no_answer_is_the_best_where_its_score_exceeds_the_others_by_the_threshold(
    threshold: float, order: list[str]
) -> None:
    answers = found(([(0, 4), (10, 11)], [0.25, 0.125]))
    answers.add_null(np.float32(0.5), threshold)
    best = answers.best(3)
    assert [one["answer"] for one in best] == order
    assert {one["answer"]: one["score"] for one in best} == {"": 0.5, "Beca": 0.25, "y": 0.125}


def test_the_threshold_is_a_difference_of_logits_within_one_window() -> None:
    context = "se cobra en enero"
    reader = PairReader(tokenizer("bert"))
    for threshold, answer in ((2.9, ""), (3.1, "enero")):
        settings = replace(SETTINGS, handle_impossible_answer=True, null_score_diff_threshold=threshold)
        asked = AnsweringParameters().resolved(settings)
        [pair] = reader.read(["que"], [context], asked)
        [window] = reader.windows(pair)
        logits = np.full(len(window.ids), -20, dtype=np.float32)
        logits[0], logits[window.place.stop - 1] = 4, 2.5  # start and end together: 8 and 5
        answers = FoundAnswers(context)
        answers.add_window(logits, logits, window, pair.context, asked)
        assert answers.best(1)[0]["answer"] == answer


@pytest.mark.parametrize("kind", TOKENIZERS)
@pytest.mark.parametrize("has_null", [False, True])
def test_a_windows_best_tokens_become_its_answer_and_its_score_of_no_answer(kind: str, has_null: bool) -> None:
    context = "se cobra en enero"
    parameters = AnsweringParameters(top_k=2, handle_impossible_answer=has_null)
    asked = parameters.resolved(SETTINGS)
    reader = PairReader(tokenizer(kind))
    [pair] = reader.read(["que"], [context], asked)
    [window] = reader.windows(pair)
    logits = np.full(len(window.ids), -20, dtype=np.float32)
    logits[window.place.stop - 1] = 0
    answers = FoundAnswers(context)
    answers.add_window(logits, logits, window, pair.context, asked)
    best, *others = answers.best(20)
    assert (best["answer"], best["start"], best["end"]) == ("enero", 12, 17)
    assert best["score"] == pytest.approx(1, abs=1e-4)
    assert any(other["answer"] == "" for other in others) is has_null
