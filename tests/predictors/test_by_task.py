"""The predictor of a version, by its task and its kind of model."""

from __future__ import annotations

from typing import Any

import pytest

from functions.core.definition import Limits
from functions.core.errors import DamagedVersionError
from functions.core.question_answering import SCHEMA as PAIRS
from functions.core.schema import Feature, Schema
from functions.core.tasks import ANSWERING, GRAPH, TOKENIZER
from functions.predictors.by_task import GraphPredictor, open_graph_predictor, open_predictor
from functions.predictors.question_answering.predictor import QuestionAnsweringPredictor
from tests.predictors.question_answering.tiny_answering import SETTINGS, graph, tokenizer

NUMBERS = Schema((Feature("a", "number"),), Feature("y", "number"))
PAIR_FILES = {
    GRAPH: graph({}, {}),
    TOKENIZER: tokenizer("word_pieces"),
    ANSWERING: SETTINGS.to_json(),
}


def test_a_checkpoint_of_questions_is_opened_with_its_limits() -> None:
    opened = open_predictor("question-answering", "checkpoint", PAIR_FILES, PAIRS, (), Limits(max_tokens=7))
    assert isinstance(opened, QuestionAnsweringPredictor)
    assert not isinstance(opened, GraphPredictor)


@pytest.mark.parametrize(
    ("task", "kind"),
    [
        ("question-answering", "pipeline"),
        ("tabular-regression", "checkpoint"),
        ("image-classification", "pipeline"),
        ("image-classification", "checkpoint"),
    ],
)
def test_a_task_that_no_predictor_serves_asks_for_a_newer_despliegue(task: Any, kind: Any) -> None:
    with pytest.raises(DamagedVersionError, match=f"this Despliegue serves no {task} of a {kind}: install a newer one"):
        open_predictor(task, kind, PAIR_FILES, NUMBERS, ())


@pytest.mark.parametrize("task", ["tabular-classification", "tabular-regression"])
def test_a_graph_that_cannot_be_run_is_a_damaged_version(task: Any) -> None:
    with pytest.raises(DamagedVersionError, match=r"model\.onnx cannot be run"):
        open_graph_predictor(task, {GRAPH: b"no graph"}, NUMBERS, ("a", "b"))
