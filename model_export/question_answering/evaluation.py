"""Metrics of a version on the questions of a file, through the code that will serve it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from functions.core.errors import Fault, InvalidInputError
from functions.core.question_answering import CONTEXT, QUESTION, SCHEMA
from functions.predictors.question_answering.pairs import PairReader
from functions.predictors.question_answering.parameters import AnsweringParameters, AnsweringSettings
from model_export.checkpoints.measuring import measured_predictor
from model_export.progress import StageProgress, with_progress
from model_export.question_answering.squad import Question
from model_export.question_answering.squad_metrics import score_answers


def require_readable(
    questions: Sequence[Question], tokenizer: bytes, settings: AnsweringSettings, evaluation: str
) -> None:
    """Raise InvalidInputError with every question that the version would refuse; the place of each has its id.

    `evaluation` is the name of their file.
    """
    reader, asked = PairReader(tokenizer), AnsweringParameters().resolved(settings)
    faults: list[Fault] = []
    for question in questions:
        try:
            reader.read([question.text], [question.context], asked)
        except InvalidInputError as error:
            place = (evaluation, question.id)
            faults += (Fault((*place, *fault.loc[1:]), fault.msg, fault.type) for fault in error.faults)
    if faults:
        raise InvalidInputError(faults)


def evaluate(files: Mapping[str, bytes], questions: Sequence[Question], report: StageProgress) -> dict[str, float]:
    """Exact match and F1, in percent, of the version whose artifacts are `files`."""
    predictor = measured_predictor("question-answering", files, SCHEMA)
    answers = [
        str(_answer(predictor.predict({QUESTION: [question.text], CONTEXT: [question.context]})[0]))
        for question in with_progress(questions, report)
    ]
    return score_answers(answers, [[answer.text for answer in question.answers] for question in questions])


def _answer(prediction: object) -> object:
    assert isinstance(prediction, Mapping)  # noqa: S101
    return prediction["answer"]
