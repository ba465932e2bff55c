"""A version is measured through the code that will serve it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from functions.core.errors import InvalidInputError
from functions.core.question_answering import SCHEMA
from functions.predictors.by_task import open_predictor
from functions.predictors.question_answering.parameters import AnsweringSettings
from model_export.question_answering.evaluation import evaluate, require_readable
from model_export.question_answering.squad import Question, TrueAnswer
from tests.model_export.checkpoints.exported import Exported

CONTEXT = "La beca de transporte paga el abono mensual del autobús y del metro a quien estudia lejos de su casa."
ASKED = ["¿Qué paga la beca?", "¿A quién?", "¿De qué?", "What?"]


@pytest.fixture(scope="module")
def files(exported: Callable[[str], Exported]) -> dict[str, bytes]:
    from model_export.checkpoints.graph import optimised
    from model_export.checkpoints.tokenization import served_tokenizer

    one = exported("bert")
    return {
        "model.onnx": optimised(one.graph),
        "tokenizer.json": served_tokenizer(one.checkpoint.tokenizer),
        "answering.json": AnsweringSettings(one.checkpoint.max_length).to_json(),
    }


def answered(files: dict[str, bytes]) -> list[str]:
    found: Any = open_predictor("question-answering", "checkpoint", files, SCHEMA, ()).predict(
        {"question": list(ASKED), "context": [CONTEXT] * len(ASKED)}
    )
    return [one["answer"] for one in found]


def question(text: str, *answers: str) -> Question:
    return Question("q", text, CONTEXT, tuple(TrueAnswer(one, CONTEXT.find(one)) for one in answers))


def test_what_the_version_answers_is_scored(files: dict[str, bytes]) -> None:
    answers = answered(files)
    right = [question(text, answer) for text, answer in zip(ASKED, answers, strict=True)]
    assert evaluate(files, right, print) == {"exact": 100, "f1": 100}
    wrong = [question(text, "ninguna") for text in ASKED]
    assert evaluate(files, [*right, *wrong], print) == {"exact": 50, "f1": 50}


def test_a_context_of_many_windows_is_evaluated_too(files: dict[str, bytes]) -> None:
    long = Question("q", ASKED[0], CONTEXT * 400, (TrueAnswer("ninguna", 0),))
    assert evaluate(files, [long], print) == {"exact": 0, "f1": 0}


def test_every_question_that_the_version_would_refuse_is_named_by_file_and_id(files: dict[str, bytes]) -> None:
    settings = AnsweringSettings.from_json(files["answering.json"])
    readable = question(ASKED[0])
    require_readable([readable], files["tokenizer.json"], settings, "squad.json")
    refused = [readable, Question("long", "qué " * 80, CONTEXT), Question("blank", ASKED[0], " ")]
    with pytest.raises(InvalidInputError) as raised:
        require_readable(refused, files["tokenizer.json"], settings, "squad.json")
    long, blank = raised.value.faults
    assert (long.place, blank.place) == ("squad.json.long.question", "squad.json.blank.context")
    assert long.msg.endswith(" tokens are more than 64: ask shorter")
    assert blank.msg == "must not be blank"
