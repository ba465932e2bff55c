"""Schedule, early stopping, kept models and printed lines of a training."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from model_export.fine_tuning.arguments import FineTuningArguments
from tests.model_export.fine_tuning.small import (
    fine_tuning_request,
    read_curve,
    train,
    weights,
)


@pytest.fixture(autouse=True)
def _torch() -> None:
    pytest.importorskip("torch", reason="fine-tuning needs torch, which this environment lacks")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h 0 min"),
        (93784, "26 h 3 min"),
    ],
)
def test_times_have_their_two_largest_units(seconds: float, text: str) -> None:
    from model_export.fine_tuning.callbacks import duration

    assert duration(seconds) == text


def test_the_curve_has_every_evaluation_and_the_best_one_was_kept(whole: Path) -> None:
    points = read_curve(whole)
    assert [int(point["step"]) for point in points] == list(range(1, 31))
    evaluated = [float(point["eval_f1"]) for point in points if point["eval_f1"]]
    assert len(evaluated) == 6
    best = json.loads((whole / "best_model" / "eval_results.json").read_text())
    assert best["f1"] == max(evaluated)
    assert "<svg" in (whole / "training_curve.svg").read_text()


def test_it_stops_when_evaluations_bring_nothing_more(bert: Path, tmp_path: Path) -> None:
    changed = {
        "num_train_epochs": 9,
        "learning_rate": 1e-12,
        "early_stopping_patience": 2,
        "early_stopping_metric": "f1",
        "early_stopping_consider_epochs": True,
    }
    result = train(bert, tmp_path / "out", evaluate_during_training=True, use_early_stopping=True, **changed)
    assert result.steps == 3 * 5


def test_each_epoch_and_each_evaluation_are_kept_on_request(bert: Path, tmp_path: Path) -> None:
    from model_export.question_answering.checkpoints import load_checkpoint

    out = tmp_path / "out"
    changed = {"num_train_epochs": 2, "evaluate_during_training_steps": 4}
    train(bert, out, evaluate_during_training=True, save_model_every_epoch=True, save_eval_checkpoints=True, **changed)
    kept = {path.name for path in out.glob("checkpoint-*")}
    evaluated = {"checkpoint-4", "checkpoint-5", "checkpoint-8", "checkpoint-10"}
    assert kept == evaluated | {"checkpoint-5-epoch-1", "checkpoint-10-epoch-2"}
    assert weights(out / "checkpoint-10") == weights(out) == weights(out / "checkpoint-10-epoch-2")
    for name in kept:
        load_checkpoint(out / name, trust_pickle=False)


def test_every_line_ends_with_the_time_left(bert: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    train(bert, tmp_path / "out", lines=lines)
    steps = [line for line in lines if line.startswith("step ")]
    assert len(steps) == 5
    assert all(line.endswith(" left") for line in steps)
    assert steps[-1].endswith(", 0 s left")


def test_no_model_is_the_best_where_none_is_to_be_kept_and_nothing_is_written_in_silence(
    bert: Path, tmp_path: Path
) -> None:
    lines: list[str] = []
    changed = {"evaluate_during_training": True, "save_best_model": False, "silent": True}
    result = train(bert, tmp_path / "out", lines=lines, **changed)
    assert result.best is None
    assert not (tmp_path / "out" / "best_model").exists()
    assert [line.partition(":")[0] for line in lines] == [str(bert), f"{tmp_path / 'out'} holds the model of step 5"]


def test_a_model_is_kept_after_so_many_steps_and_with_results_where_it_was_evaluated(
    bert: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    changed = {"evaluate_during_training_steps": 4, "evaluate_each_epoch": False, "save_eval_checkpoints": True}
    train(bert, out, num_train_epochs=2, save_steps=2, evaluate_during_training=True, **changed)
    has_results = {path.name: (path / "eval_results.json").exists() for path in out.glob("checkpoint-*")}
    assert has_results == {f"checkpoint-{step}": step in (4, 8) for step in (2, 4, 6, 8, 10)}
    assert [point["step"] for point in read_curve(out) if point["eval_f1"]] == ["4", "8"]


def test_an_early_stop_is_not_trained_past_when_it_is_resumed(bert: Path, tmp_path: Path) -> None:
    """Killed after the last evaluation, it begins at the checkpoint before, and stops at the same evaluation."""
    changed = {
        "num_train_epochs": 9,
        "learning_rate": 1e-12,
        "early_stopping_patience": 1,
        "early_stopping_consider_epochs": True,
        "evaluate_during_training": True,
        "use_early_stopping": True,
    }
    train(bert, tmp_path / "whole", **changed)
    out = tmp_path / "out"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("model_export.fine_tuning.fine_tune.save_model", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            train(bert, out, **changed)
    result = train(bert, out, resume=True, **changed)
    assert result.steps == 10
    assert weights(out) == weights(tmp_path / "whole")
    assert read_curve(out) == read_curve(tmp_path / "whole")


def _interrupted(*arguments: object) -> None:
    raise KeyboardInterrupt


def test_a_training_too_short_to_stop_early_says_so(bert: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    changed = {"evaluate_during_training": True, "use_early_stopping": True, "evaluate_during_training_steps": 2000}
    train(bert, tmp_path / "out", lines=lines, **changed)
    assert lines[1].startswith("note: nothing will stop this training of 5 steps early: it is shorter than evaluate_du")


@pytest.mark.parametrize(("seconds", "is_drawn"), [(0, True), (3600, False)])
def test_the_picture_is_drawn_on_the_way_but_not_too_often(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: int, is_drawn: bool
) -> None:
    from model_export.fine_tuning import callbacks
    from model_export.fine_tuning.fine_tune import fine_tune

    monkeypatch.setattr(callbacks, "PICTURE_SECONDS", seconds)
    out = tmp_path / "out"
    seen: list[tuple[bool, bool]] = []

    def look(line: str) -> None:
        if line.startswith("step 3 "):
            seen.append(((out / "training_curve.csv").exists(), (out / "training_curve.svg").exists()))

    fine_tune(fine_tuning_request(bert, out), look)
    assert seen == [(True, is_drawn)]
    assert (out / "training_curve.svg").exists()


@pytest.mark.parametrize(
    ("step", "epoch", "is_evaluated"), [(5, 1.0, True), (7, 1.4, False), (8, 1.6, True), (13, 3.0, True)]
)
def test_a_checkpoint_of_a_step_that_is_evaluated_comes_after_its_evaluation(
    step: int, epoch: float, is_evaluated: bool
) -> None:
    """At the end of an epoch and of the training too: else a run that is killed between them would skip one."""
    from transformers import TrainerControl, TrainerState, TrainingArguments

    from model_export.fine_tuning.callbacks import Schedule

    arguments = FineTuningArguments(evaluate_during_training=True, evaluate_during_training_steps=8)
    state = TrainerState(global_step=step, epoch=epoch, max_steps=13)
    asked = Schedule(arguments).on_step_end(TrainingArguments("out", use_cpu=True), state, TrainerControl())
    assert asked.should_evaluate is is_evaluated
    assert asked.should_save


@pytest.mark.parametrize(("logging_steps", "logged"), [(None, [1, 2, 3, 4, 5, 6]), (4, [3, 4, 6]), (0, [3, 6])])
def test_the_loss_is_logged_as_often_as_asked_and_at_each_checkpoint(
    logging_steps: int | None, logged: list[int]
) -> None:
    from transformers import TrainerControl, TrainerState, TrainingArguments

    from model_export.fine_tuning.callbacks import Schedule

    schedule = Schedule(FineTuningArguments(logging_steps=logging_steps, save_steps=3))
    found = []
    for step in range(1, 7):
        state = TrainerState(global_step=step, epoch=step / 100, max_steps=600 if logging_steps is not None else 100)
        asked = schedule.on_step_end(TrainingArguments("out", use_cpu=True), state, TrainerControl())
        found += [step] if asked.should_log else []
    assert found == logged
