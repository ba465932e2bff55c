"""Whole trainings of tiny models: what they learn and leave, and the same again from the same seed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from functions.core.errors import CheckpointError, DespliegueError, InvalidInputError
from tests.model_export.fine_tuning.small import (
    EASY,
    QUESTIONS,
    read_curve,
    train,
    weights,
)

OVERFITTING: dict[str, Any] = {
    "num_train_epochs": 80,
    "learning_rate": 4e-3,
    "train_batch_size": 3,
    "config": {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0},
}


@pytest.mark.parametrize("family", ["bert", "longformer"])
def test_an_overfitted_model_is_exported_and_served_as_it_was_measured(
    family: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    from model_export.question_answering.answering_defaults import AnsweringFlags, answering_defaults
    from model_export.question_answering.candidate import ExportRequest, prove_checkpoint
    from model_export.question_answering.checkpoints import load_checkpoint

    out = tmp_path / "out"
    result = train(request.getfixturevalue(family), out, questions=EASY, **OVERFITTING)

    assert result.metrics["exact"] == 100
    assert (result.metrics["correct"], result.metrics["similar"], result.metrics["incorrect"]) == (6, 0, 0)
    checkpoint = load_checkpoint(out, trust_pickle=False)
    assert checkpoint.args["num_train_epochs"] == 80
    assert checkpoint.results == result.metrics
    settings = answering_defaults(checkpoint, AnsweringFlags()).settings
    served = prove_checkpoint(checkpoint, ExportRequest(family, EASY, settings=settings), lambda *_: None)
    assert served.parity.is_equal
    assert {name: result.metrics[name] for name in served.metrics} == served.metrics


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(bert: Path, tmp_path: Path) -> None:
    outs = [tmp_path / name for name in ("first", "second", "other")]
    for out, seed in zip(outs, (5, 5, 6), strict=True):
        train(bert, out, manual_seed=seed)
    first, second, other = map(weights, outs)
    assert first == second
    assert first != other
    assert read_curve(outs[0]) == read_curve(outs[1])


@pytest.mark.parametrize("asked", ["output_hidden_states", "output_attentions"])
def test_a_configuration_may_ask_for_more_than_the_logits(bert: Path, tmp_path: Path, asked: str) -> None:
    """Scripts for Simple Transformers set it; an evaluation takes the logits alone."""
    plain, more = tmp_path / "plain", tmp_path / "more"
    first = train(bert, plain, num_train_epochs=1, evaluate_during_training=True)
    second = train(bert, more, num_train_epochs=1, evaluate_during_training=True, config={asked: True})
    # attentions are computed by other kernels, whose sums have another order
    assert first.metrics["eval_loss"] == pytest.approx(second.metrics["eval_loss"], rel=1e-4)
    assert {**first.metrics, "eval_loss": 0} == {**second.metrics, "eval_loss": 0}


def test_results_and_predictions_are_written(whole: Path) -> None:
    results = json.loads((whole / "eval_results.json").read_text())
    lines = (whole / "eval_results.txt").read_text().splitlines()
    assert dict(line.split(" = ") for line in lines) == {name: str(value) for name, value in results.items()}
    assert float(read_curve(whole)[-1]["eval_loss"]) == pytest.approx(results["eval_loss"])
    predictions = json.loads((whole / "predictions_test.json").read_text())
    n_best = json.loads((whole / "nbest_predictions_test.json").read_text())
    assert list(predictions) == list(n_best) == [one.id for one in QUESTIONS]
    for answers in n_best.values():
        scores = [answer["probability"] for answer in answers]
        assert 1 < len(scores) <= 20
        assert scores == sorted(scores, reverse=True)


def test_tokens_are_taken_from_the_cache_when_asked_and_change_nothing(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from model_export.fine_tuning.text_tokenizer import TextTokenizer

    out = tmp_path / "out"
    train(bert, out)
    made = weights(out)
    assert not (out / "cached_features").exists()
    train(bert, out, overwrite=True, reprocess_input_data=False)
    assert weights(out) == made
    with monkeypatch.context() as patched:
        patched.setattr(TextTokenizer, "_made", None)
        train(bert, out, overwrite=True, reprocess_input_data=False)
    assert weights(out) == made


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"config": {"hidden_sise": 3}}, "a bert has no hidden_sise"),
        ({"max_seq_length": 201}, "is 201, and the model takes 200 tokens"),
        ({"learning_rate": 1e30}, "lower learning_rate"),
        ({"config": {"chunk_size_feed_forward": 7}}, r"out: the training broke off \(ValueError: .* --resume goes on"),
    ],
)
def test_what_cannot_be_trained_is_refused(bert: Path, tmp_path: Path, changed: Any, message: str) -> None:
    with pytest.raises((CheckpointError, InvalidInputError, DespliegueError), match=message):
        train(bert, tmp_path / "out", **changed)


def test_a_training_that_ends_before_its_first_evaluation_is_refused(bert: Path, tmp_path: Path) -> None:
    changed: dict[str, Any] = {"evaluate_during_training": True, "evaluate_each_epoch": False}
    with pytest.raises(InvalidInputError, match="is 6, and the training has 5 steps, so nothing would be evaluated"):
        train(bert, tmp_path / "out", evaluate_during_training_steps=6, **changed)
    assert not (tmp_path / "out").exists()


def test_a_service_that_cannot_be_reported_to_is_known_before_the_run_begins(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def init(**_: object) -> None:
        raise ValueError("api_key not configured")

    monkeypatch.setattr("model_export.fine_tuning.fine_tune.refuse_absent_reporters", lambda arguments: None)
    monkeypatch.setitem(sys.modules, "wandb", SimpleNamespace(init=init))
    with pytest.raises(DespliegueError, match=r"the training did not begin \(ValueError: api_key not configured\)"):
        train(bert, tmp_path / "out", wandb_project="becas")
    assert not (tmp_path / "out").exists()
