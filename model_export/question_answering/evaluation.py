"""Metrics of a version on the questions of a file, through the code that will serve it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from functions.core.definition import Limits
from functions.core.question_answering import CONTEXT, QUESTION, SCHEMA
from functions.predictors.by_task import open_predictor
from model_export.progress import StageProgress, with_progress
from model_export.question_answering.squad import Question
from model_export.question_answering.squad_metrics import score_answers

ANY_LENGTH = Limits(max_tokens=1_000_000_000)
"""A limit of serving, which protects a server; here long contexts are measured too."""


def evaluate(files: Mapping[str, bytes], questions: Sequence[Question], report: StageProgress) -> dict[str, float]:
    """Exact match and F1, in percent, of the version whose artifacts are `files`."""
    predictor = open_predictor("question-answering", "checkpoint", files, SCHEMA, (), ANY_LENGTH)
    answers = [
        str(_answer(predictor.predict({QUESTION: [question.text], CONTEXT: [question.context]})[0]))
        for question in with_progress(questions, report)
    ]
    return score_answers(answers, [[answer.text for answer in question.answers] for question in questions])


def _answer(prediction: object) -> object:
    assert isinstance(prediction, Mapping)  # noqa: S101
    return prediction["answer"]
