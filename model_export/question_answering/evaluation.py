"""How well a version answers the questions of a file, asked through the code that will serve it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from functions.core.definition import Limits
from functions.core.question_answering import CONTEXT, QUESTION, SCHEMA
from functions.predictors.by_task import open_predictor
from model_export.progress import StageProgress
from model_export.question_answering.loop_progress import with_progress
from model_export.question_answering.squad import Question
from model_export.question_answering.squad_metrics import score_answers

COMPARED = ("exact", "f1")
ANY_LENGTH = Limits(max_tokens=1_000_000_000)


def evaluate(files: Mapping[str, bytes], questions: Sequence[Question], report: StageProgress) -> dict[str, float]:
    """Exact match and F1 in percent of the version that `files` make."""
    predictor = open_predictor("question-answering", "checkpoint", files, SCHEMA, (), ANY_LENGTH)
    answers = [
        str(_answer(predictor.predict({QUESTION: [one.text], CONTEXT: [one.context]})[0]))
        for one in with_progress(questions, report)
    ]
    return score_answers(answers, [[answer.text for answer in one.answers] for one in questions])


def losses(quantized: Mapping[str, float], original: Mapping[str, float], margin: float) -> list[str]:
    """What quantization cost more than `margin` percentage points, in words."""
    return [
        f"{name} falls from {original[name]:.2f} to {quantized[name]:.2f}"
        for name in COMPARED
        if original[name] - quantized[name] > margin
    ]


def _answer(prediction: object) -> object:
    assert isinstance(prediction, Mapping)  # noqa: S101
    return prediction["answer"]
