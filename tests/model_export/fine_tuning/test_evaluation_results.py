"""Answers out of scores, and their metrics."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.model_export.fine_tuning.small import QUESTIONS

LONGEST_QUESTION = 32
STEP = 16


def evaluation(base: Path, *, length: int = 64, has_impossible: bool = True) -> Any:
    from model_export.fine_tuning.evaluation_results import Evaluation
    from model_export.fine_tuning.text_tokenizer import TextTokenizer
    from model_export.fine_tuning.window_dataset import WindowDataset, WindowLengths

    lengths = WindowLengths(length, STEP, LONGEST_QUESTION, as_served=True)
    dataset = WindowDataset(QUESTIONS, TextTokenizer((base / "tokenizer.json").read_bytes()), lengths)
    return Evaluation(QUESTIONS, dataset, longest_answer=40, n_best=3, has_impossible=has_impossible)


def perfect(made: Any) -> tuple[Any, Any]:
    """Scores that point at the place of each window's answer, as the Trainer hands them on: padded by -100."""
    logits = np.full((2, len(made.dataset), 70), -100, dtype=np.float32)
    for number, labelled in enumerate(made.dataset.labelled):
        logits[:, number, : len(made.dataset.window(labelled).ids)] = 0
        for side, place in enumerate(labelled.answer):
            logits[side, number, place] = 20 if labelled.answer != (0, 0) else 12
    return logits[0], logits[1]


@pytest.mark.parametrize("length", [64, 128])
def test_scores_that_point_at_the_answers_are_all_right(bert: Path, length: int) -> None:
    made = evaluation(bert, length=length)
    metrics = made.metrics(perfect(made))
    assert (metrics["exact"], metrics["f1"]) == (100, 100)
    assert (metrics["correct"], metrics["similar"], metrics["incorrect"]) == (len(QUESTIONS), 0, 0)


def test_without_impossible_questions_something_is_always_answered(bert: Path) -> None:
    made = evaluation(bert, has_impossible=False)
    assert all(answers[0]["answer"] for answers in made.answers(perfect(made), 1))
    assert made.metrics(perfect(made))["exact_impossible"] == 0


@pytest.mark.parametrize(("threshold", "empty"), [(0.0, 1), (-9.0, 10), (25.0, 0)])
def test_the_threshold_decides_how_many_answers_are_empty(bert: Path, threshold: float, empty: int) -> None:
    """The scores of the empty answer are 8 below those of the right one in windows that hold one, and 24 above else."""
    made = replace(evaluation(bert, length=128), null_threshold=threshold)
    start, end = perfect(made)
    for number, labelled in enumerate(made.dataset.labelled):
        if labelled.answer != (0, 0):
            start[number, 0] = end[number, 0] = 16
    answers = [best["answer"] for best, *_ in made.answers((start, end), 1)]
    assert answers.count("") == empty
    assert made.metrics((start, end))["correct"] == (10 if empty == 1 else (empty and 1) or 9)


@pytest.mark.parametrize(
    ("length", "has_many_windows", "threshold"), [(48, True, 0.0), (56, True, -1.0), (128, False, 0.5)]
)
def test_it_answers_as_the_served_version_does(
    bert: Path, length: int, has_many_windows: bool, threshold: float
) -> None:
    import torch

    from functions.core.question_answering import SCHEMA
    from functions.predictors.by_task import open_predictor
    from functions.predictors.question_answering.parameters import AnsweringParameters
    from functions.predictors.question_answering.predictor import QuestionAnsweringPredictor
    from model_export.question_answering.answering_defaults import AnsweringFlags, answering_defaults
    from model_export.question_answering.candidate import ExportRequest, prove_checkpoint
    from model_export.question_answering.checkpoints import load_checkpoint

    made = replace(evaluation(bert, length=length), null_threshold=threshold)
    assert (len(made.dataset) > len(QUESTIONS)) is has_many_windows
    checkpoint = load_checkpoint(bert, trust_pickle=False)
    args = {
        "max_seq_length": length,
        "doc_stride": STEP,
        "max_query_length": LONGEST_QUESTION,
        "handle_impossible_answer": True,
        "null_score_diff_threshold": threshold,
    }
    settings = answering_defaults(replace(checkpoint, args=args), AnsweringFlags()).settings
    files = prove_checkpoint(checkpoint, ExportRequest("bert", settings=settings), lambda *_: None).files
    predictor = open_predictor("question-answering", "checkpoint", files, SCHEMA, ())
    assert isinstance(predictor, QuestionAnsweringPredictor)
    starts, ends = (np.full((len(made.dataset), 128), -100, dtype=np.float32) for _ in range(2))
    for number, item in enumerate(made.dataset):
        ids, types = (torch.as_tensor(item[name])[None] for name in ("input_ids", "token_type_ids"))
        output = checkpoint.model(input_ids=ids, token_type_ids=types)
        starts[number, : ids.shape[1]], ends[number, : ids.shape[1]] = output.start_logits[0], output.end_logits[0]

    for count in (1, 5):
        asked = AnsweringParameters(top_k=count, max_answer_len=40)
        served = predictor.answer([one.text for one in QUESTIONS], [one.context for one in QUESTIONS], asked)
        ours = made.answers((starts, ends), count)
        assert [[one["answer"] for one in row] for row in ours] == [[one["answer"] for one in row] for row in served]
        for row, expected in zip(ours, served, strict=True):
            assert [one["score"] for one in row] == pytest.approx([one["score"] for one in expected], rel=1e-3)


@pytest.mark.parametrize(
    ("predicted", "truths", "verdict"),
    [
        ("20 €", ["20 €"], "correct"),
        (" 20 €\n", ["20 €"], "correct"),
        ("", [], "correct"),
        ("20", ["20 € al mes"], "similar"),
        ("son 20 € al mes", ["20 €"], "similar"),
        ("", ["20 €"], "similar"),
        ("20 €", [], "similar"),
        ("El lunes", ["el lunes"], "incorrect"),
        ("martes", ["lunes"], "incorrect"),
        ("martes", ["lunes", "martes"], "incorrect"),
    ],
)
def test_it_tallies_as_simple_transformers_does(predicted: str, truths: list[str], verdict: str) -> None:
    pytest.importorskip("torch", reason="fine-tuning needs torch, which this environment lacks")
    from model_export.fine_tuning.evaluation_results import tally

    counts = tally([predicted], [truths])
    assert counts == {"correct": 0, "similar": 0, "incorrect": 0, verdict: 1}


def test_the_files_of_predictions(bert: Path, tmp_path: Path) -> None:
    made = evaluation(bert)
    made.write(tmp_path, perfect(made))
    best = json.loads((tmp_path / "predictions_test.json").read_text())
    n_best = json.loads((tmp_path / "nbest_predictions_test.json").read_text())
    expected = {one.id: one.answers[0].text if one.answers else "" for one in QUESTIONS}
    assert best == expected
    for one in QUESTIONS:
        assert len(n_best[one.id]) == 3
        first = n_best[one.id][0]
        assert first["text"] == expected[one.id] == one.context[first["start"] : first["end"]]


def test_the_predictions_are_the_answers_that_were_measured(bert: Path, tmp_path: Path) -> None:
    """Scores of a model that has learned little: with more candidates, other answers add up to the best one."""
    from model_export.question_answering.squad_metrics import score_answers

    made = replace(evaluation(bert, length=128), n_best=20)
    start, end = np.random.default_rng(0).normal(size=(2, len(made.dataset), 128)).astype(np.float32)
    made.write(tmp_path, (start, end))
    best = json.loads((tmp_path / "predictions_test.json").read_text())
    n_best = json.loads((tmp_path / "nbest_predictions_test.json").read_text())
    assert [best[one.id] for one in QUESTIONS] != [n_best[one.id][0]["text"] for one in QUESTIONS]

    truths = [[answer.text for answer in one.answers] for one in QUESTIONS]
    written = score_answers([best[one.id] for one in QUESTIONS], truths)
    measured = made.metrics((start, end))
    assert {name: measured[name] for name in written} == written


def test_results_are_written_for_people_and_for_programs(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="fine-tuning needs torch, which this environment lacks")
    from model_export.fine_tuning.evaluation_results import write_results

    write_results(tmp_path, {"f1": 50.5, "correct": 3})
    assert (tmp_path / "eval_results.txt").read_text() == "correct = 3\nf1 = 50.5\n"
    assert json.loads((tmp_path / "eval_results.json").read_text()) == {"f1": 50.5, "correct": 3}
