"""Runs on disk: resumed after a kill, and folders that are overwritten or left alone."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from functions.core.errors import CheckpointError
from tests.model_export.fine_tuning.small import (
    KILLED,
    fine_tuning_request,
    train,
    weights,
)

ROOT = Path(__file__).resolve().parents[3]


def test_killed_in_mid_epoch_and_resumed_it_is_as_if_nothing_had_happened(
    bert: Path, whole: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "tests.model_export.fine_tuning.small", str(bert), str(out)]
    killed = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, timeout=300)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert not (out / "model.safetensors").exists()
    (out / "unfinished" / "checkpoint-7").mkdir()
    (out / "unfinished" / "checkpoint-7" / "trainer_state.json").write_text('{"global_st')

    lines: list[str] = []
    train(bert, out, resume=True, lines=lines, **KILLED)

    assert lines[0].endswith("from checkpoint-6")
    assert lines[1].startswith("step 7 of 30")
    for name in ("model.safetensors", "training_curve.csv", "best_model/model.safetensors", "eval_results.json"):
        assert (out / name).read_bytes() == (whole / name).read_bytes(), name


def test_a_run_that_raised_before_its_first_checkpoint_starts_over(bert: Path, whole: Path, tmp_path: Path) -> None:
    from model_export.fine_tuning.fine_tune import fine_tune

    def stop(line: str) -> None:
        if line.startswith("step 1 "):
            raise KeyboardInterrupt

    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        fine_tune(fine_tuning_request(bert, out, **KILLED), stop)
    with pytest.raises(CheckpointError, match=r"begun with another learning_rate, train_batch_size: resume"):
        train(bert, out, resume=True, **{**KILLED, "learning_rate": 2e-3, "train_batch_size": 3})
    with pytest.raises(CheckpointError, match="not empty"):
        train(bert, out, **KILLED)
    train(bert, out, resume=True, **KILLED)
    assert weights(out) == weights(whole)
    assert not (out / "unfinished").exists()


def test_nothing_is_resumed_where_nothing_was_begun(bert: Path, whole: Path) -> None:
    before = weights(whole)
    with pytest.raises(CheckpointError, match="holds no unfinished run"):
        train(bert, whole, resume=True, **KILLED)
    assert weights(whole) == before


def test_earlier_output_is_overwritten_only_on_request_and_other_files_stay(bert: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    train(bert, out, save_model_every_epoch=True)
    (out / "notes.txt").write_text("mine")
    before = weights(out)
    with pytest.raises(CheckpointError, match="not empty"):
        train(bert, out, manual_seed=12)
    assert weights(out) == before
    train(bert, out, manual_seed=12, overwrite=True)
    assert weights(out) != before
    assert (out / "notes.txt").read_text() == "mine"
    assert not list(out.glob("checkpoint-*"))


def test_a_folder_for_the_best_model_that_holds_something_else_is_never_overwritten(bert: Path, tmp_path: Path) -> None:
    best = tmp_path / "thesis"
    best.mkdir()
    (best / "chapter.txt").write_text("mine")
    changed = {"best_model_dir": str(best), "evaluate_during_training": True}
    for overwrite in (False, True):
        with pytest.raises(CheckpointError, match="thesis"):
            train(bert, tmp_path / "out", overwrite=overwrite, **changed)
    assert (best / "chapter.txt").read_text() == "mine"
