"""Candidates of checkpoints: proven and measured, or refused with a reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from functions.core.errors import InvalidInputError, ParityError
from functions.core.tasks import TASKS
from functions.predictors.question_answering.parameters import AnsweringSettings
from model_export.question_answering.squad import Question, TrueAnswer
from tests.model_export.checkpoints.exported import Exported
from tests.model_export.checkpoints.tiny import LENGTH

pytest.importorskip("torch", reason="exporting needs torch, which this environment lacks")
pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")

from model_export.checkpoints.proof import CheckpointCandidate
from model_export.question_answering.candidate import ExportRequest, prove_checkpoint

CONTEXT = "La beca de transporte paga el abono mensual del autobús."
QUESTIONS = (Question("q", "¿Qué paga la beca?", CONTEXT, (TrueAnswer("el abono mensual", 27),)),)
RESULTS = {"f1": 80.5, "exact": 71.0}


def proven(exported: Callable[[str], Exported], request: ExportRequest) -> CheckpointCandidate:
    return prove_checkpoint(replace(exported("bert").checkpoint, results=RESULTS), request, lambda stage, share: None)


@pytest.fixture(scope="module")
def plain(exported: Callable[[str], Exported]) -> CheckpointCandidate:
    return proven(exported, ExportRequest("owner/name at abc"))


def test_a_candidate_has_the_files_that_serve_it_and_its_reports(plain: CheckpointCandidate) -> None:
    served = TASKS["question-answering"].served_files["checkpoint"]
    assert set(plain.files) == {*served, "parity.json", "performance.json"}
    report = json.loads(plain.files["parity.json"])
    assert (report["source"], report["quantized"]) == ("owner/name at abc", None)
    assert report["max_absolute_difference"] == plain.parity.max_absolute_difference <= report["tolerance"]


def test_without_settings_it_answers_as_transformers_does(plain: CheckpointCandidate) -> None:
    assert plain.files["answering.json"] == AnsweringSettings(LENGTH).to_json()


def test_without_questions_the_metrics_are_the_ones_of_the_training(plain: CheckpointCandidate) -> None:
    assert plain.metrics == RESULTS
    assert json.loads(plain.files["performance.json"]) == {"overall": RESULTS}


def test_questions_are_measured_and_the_training_is_kept_apart(exported: Callable[[str], Exported]) -> None:
    settings = AnsweringSettings(LENGTH, max_answer_len=3)
    found = proven(exported, ExportRequest("tiny", QUESTIONS, settings=settings))
    assert set(found.metrics) == {"exact", "f1"}
    performance = json.loads(found.files["performance.json"])
    assert performance == {"overall": dict(found.metrics), "training": RESULTS}
    assert found.files["answering.json"] == settings.to_json()


def test_a_question_that_cannot_be_asked_is_refused_before_anything_is_exported(
    exported: Callable[[str], Exported],
) -> None:
    stages: list[str] = []
    request = ExportRequest("tiny", [*QUESTIONS, Question("7", "¿?", " ")], evaluation="squad.json")
    with pytest.raises(InvalidInputError) as refused:
        prove_checkpoint(exported("bert").checkpoint, request, lambda stage, share: stages.append(stage))
    assert [fault.place for fault in refused.value.faults] == ["squad.json.7.context"]
    assert stages == []


def test_int8_is_kept_within_the_margin_and_says_what_it_cost(exported: Callable[[str], Exported]) -> None:
    found = proven(exported, ExportRequest("tiny", QUESTIONS, margin=100.0))
    gate = found.parity.quantized
    assert gate is not None
    assert (gate.questions, gate.margin) == (1, 100.0)
    assert set(gate.exact_metrics) == {"exact", "f1"}
    assert gate.max_absolute_difference > found.parity.max_absolute_difference
    assert json.loads(found.files["parity.json"])["quantized"]["margin"] == 100.0


def test_int8_that_loses_more_than_the_margin_is_refused(exported: Callable[[str], Exported]) -> None:
    """A margin below 0 asks int8 to be better than the exact graph."""
    with pytest.raises(
        ParityError, match=r"int8 answers 1 questions worse than the margin of -101 points allows: exact"
    ):
        proven(exported, ExportRequest("tiny", QUESTIONS, margin=-101.0))
