"""Whole trainings of tiny models: what they learn and leave, the same again, and after a kill."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from functions.core.errors import CheckpointError, DespliegueError, InvalidInputError
from tests.model_export.fine_tuning.small import EASY, KILLED, QUESTIONS, order

ROOT = Path(__file__).resolve().parents[3]
OVERFITTING: dict[str, Any] = {
    "num_train_epochs": 80,
    "learning_rate": 4e-3,
    "train_batch_size": 3,
    "config": {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0},
}


def run(*arguments: Any, lines: list[str] | None = None, **changed: Any) -> Any:
    from model_export.fine_tuning.training import fine_tune

    return fine_tune(order(*arguments, **changed), (lines if lines is not None else []).append)


def weights(folder: Path) -> bytes:
    return (folder / "model.safetensors").read_bytes()


def curve(folder: Path) -> list[dict[str, str]]:
    with (folder / "training_curve.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def whole(bert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that nothing stopped, with an evaluation after each epoch."""
    out = tmp_path_factory.mktemp("whole") / "out"
    run(bert, out, **KILLED)
    return out


@pytest.mark.parametrize("family", ["bert", "longformer"])
def test_what_is_learnt_by_heart_is_exported_and_served_as_it_was_measured(
    family: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    from model_export.question_answering.answering_defaults import Told, settings_of
    from model_export.question_answering.candidate import Order, prove_candidate
    from model_export.question_answering.checkpoints import load_checkpoint

    out = tmp_path / "out"
    result = run(request.getfixturevalue(family), out, questions=EASY, **OVERFITTING)

    assert result.metrics["exact"] == 100
    assert (result.metrics["correct"], result.metrics["similar"], result.metrics["incorrect"]) == (6, 0, 0)
    checkpoint = load_checkpoint(out, trust_pickle=False)
    assert checkpoint.args["num_train_epochs"] == 80
    assert checkpoint.results == result.metrics
    settings = settings_of(checkpoint, Told()).settings
    served = prove_candidate(checkpoint, Order(family, EASY, settings=settings), lambda *_: None)
    assert served.parity.is_equal
    assert {name: result.metrics[name] for name in served.metrics} == served.metrics


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(bert: Path, tmp_path: Path) -> None:
    outs = [tmp_path / name for name in ("first", "second", "other")]
    for out, seed in zip(outs, (5, 5, 6), strict=True):
        run(bert, out, manual_seed=seed)
    first, second, other = map(weights, outs)
    assert first == second
    assert first != other
    assert curve(outs[0]) == curve(outs[1])


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
    run(bert, out, resume=True, lines=lines, **KILLED)

    assert lines[0].endswith("from checkpoint-6")
    assert lines[1].startswith("step 7 of 30")
    for name in ("model.safetensors", "training_curve.csv", "best_model/model.safetensors", "eval_results.json"):
        assert (out / name).read_bytes() == (whole / name).read_bytes(), name


def test_a_run_that_raised_before_its_first_checkpoint_begins_anew(bert: Path, whole: Path, tmp_path: Path) -> None:
    from model_export.fine_tuning.training import fine_tune

    def stop(line: str) -> None:
        if line.startswith("step 1 "):
            raise KeyboardInterrupt

    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        fine_tune(order(bert, out, **KILLED), stop)
    with pytest.raises(CheckpointError, match=r"begun with another learning_rate, train_batch_size: resume"):
        run(bert, out, resume=True, **{**KILLED, "learning_rate": 2e-3, "train_batch_size": 3})
    with pytest.raises(CheckpointError, match="not empty"):
        run(bert, out, **KILLED)
    run(bert, out, resume=True, **KILLED)
    assert weights(out) == weights(whole)
    assert not (out / "unfinished").exists()


def test_nothing_is_resumed_where_nothing_was_begun(bert: Path, whole: Path) -> None:
    before = weights(whole)
    with pytest.raises(CheckpointError, match="holds no unfinished run"):
        run(bert, whole, resume=True, **KILLED)
    assert weights(whole) == before


def test_the_curve_has_every_evaluation_and_the_best_one_was_kept(whole: Path) -> None:
    points = curve(whole)
    assert [int(point["step"]) for point in points] == list(range(1, 31))
    evaluated = [float(point["eval_f1"]) for point in points if point["eval_f1"]]
    assert len(evaluated) == 6
    best = json.loads((whole / "best_model" / "eval_results.json").read_text())
    assert best["f1"] == max(evaluated)
    assert (whole / "training_curve.svg").read_text().startswith("<svg")


def test_the_folder_tells_its_arguments_and_what_they_do_not_say(bert: Path, whole: Path, tmp_path: Path) -> None:
    from dataclasses import asdict

    expected = asdict(order(bert, whole, **KILLED).arguments)
    told = json.loads((whole / "model_args.json").read_text(encoding="utf-8"))
    assert told == {"model_name": "bert", **expected, "handle_impossible_answer": True}
    run(bert, tmp_path / "años", questions=QUESTIONS[:4])
    body = (tmp_path / "años" / "model_args.json").read_text(encoding="utf-8")
    assert json.loads(body)["handle_impossible_answer"] is False
    assert "años" in body


def test_results_of_an_earlier_model_do_not_outlive_it(bert: Path, tmp_path: Path) -> None:
    from dataclasses import replace

    from model_export.fine_tuning.training import fine_tune

    out = tmp_path / "out"
    run(bert, out)
    assert (out / "eval_results.json").is_file()
    fine_tune(replace(order(bert, out, overwrite=True), test=()), lambda line: None)
    assert not (out / "eval_results.json").exists()


def test_files_tell_results_and_predictions(whole: Path) -> None:
    results = json.loads((whole / "eval_results.json").read_text())
    lines = (whole / "eval_results.txt").read_text().splitlines()
    assert dict(line.split(" = ") for line in lines) == {name: str(value) for name, value in results.items()}
    assert float(curve(whole)[-1]["eval_loss"]) == pytest.approx(results["eval_loss"])
    predictions = json.loads((whole / "predictions_test.json").read_text())
    n_best = json.loads((whole / "nbest_predictions_test.json").read_text())
    assert list(predictions) == list(n_best) == [one.id for one in QUESTIONS]
    for answers in n_best.values():
        scores = [answer["probability"] for answer in answers]
        assert 1 < len(scores) <= 20
        assert scores == sorted(scores, reverse=True)


def test_it_stops_when_evaluations_bring_nothing_more(bert: Path, tmp_path: Path) -> None:
    changed = {
        "num_train_epochs": 9,
        "learning_rate": 1e-12,
        "early_stopping_patience": 2,
        "early_stopping_metric": "f1",
    }
    result = run(bert, tmp_path / "out", evaluate_during_training=True, use_early_stopping=True, **changed)
    assert result.steps == 3 * 5


def test_each_epoch_and_each_evaluation_are_kept_when_asked(bert: Path, tmp_path: Path) -> None:
    from model_export.question_answering.checkpoints import load_checkpoint

    out = tmp_path / "out"
    changed = {"num_train_epochs": 2, "evaluate_during_training_steps": 4}
    run(bert, out, evaluate_during_training=True, save_model_every_epoch=True, save_eval_checkpoints=True, **changed)
    kept = {path.name for path in out.glob("checkpoint-*")}
    evaluated = {"checkpoint-4", "checkpoint-5", "checkpoint-8", "checkpoint-10"}
    assert kept == evaluated | {"checkpoint-5-epoch-1", "checkpoint-10-epoch-2"}
    assert weights(out / "checkpoint-10") == weights(out) == weights(out / "checkpoint-10-epoch-2")
    for name in kept:
        load_checkpoint(out / name, trust_pickle=False)


def test_earlier_output_is_overwritten_only_when_told_and_other_files_stay(bert: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(bert, out, save_model_every_epoch=True)
    (out / "notes.txt").write_text("mine")
    before = weights(out)
    with pytest.raises(CheckpointError, match="not empty"):
        run(bert, out, manual_seed=12)
    assert weights(out) == before
    run(bert, out, manual_seed=12, overwrite=True)
    assert weights(out) != before
    assert (out / "notes.txt").read_text() == "mine"
    assert not list(out.glob("checkpoint-*"))


def test_a_configuration_without_weights_starts_afresh_from_the_seed(bert: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    shutil.copytree(bert, fresh, ignore=shutil.ignore_patterns("*.safetensors"))
    lines: list[str] = []
    for out, base in (("folder", fresh), ("file", fresh / "config.json"), ("wide", fresh)):
        changed = {"config": {"intermediate_size": 20}} if out == "wide" else {}
        run(base, tmp_path / out, lines=lines, **changed)
    assert "fresh weights" in lines[0]
    assert weights(tmp_path / "folder") == weights(tmp_path / "file")
    assert json.loads((tmp_path / "wide" / "config.json").read_text())["intermediate_size"] == 20
    assert len(weights(tmp_path / "wide")) < len(weights(tmp_path / "folder"))


def test_a_language_model_gets_a_head_and_keeps_its_weights(bert: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    base = tmp_path / "base"
    shutil.copytree(bert, base)
    found = load_file(base / "model.safetensors")
    save_file(
        {name: value for name, value in found.items() if not name.startswith("qa_outputs")},
        base / "model.safetensors",
        metadata={"format": "pt"},
    )
    run(base, tmp_path / "out", learning_rate=1e-12)
    learnt = load_file(tmp_path / "out" / "model.safetensors")
    assert learnt.keys() == found.keys()
    name = "bert.embeddings.word_embeddings.weight"
    assert learnt[name].sub(found[name]).abs().max() < 1e-6


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"config": {"hidden_sise": 3}}, "a bert has no hidden_sise"),
        ({"max_seq_length": 201}, "is 201, and the model takes 200 tokens"),
        ({"learning_rate": 1e30}, "lower learning_rate"),
    ],
)
def test_what_cannot_be_trained_is_refused(bert: Path, tmp_path: Path, changed: Any, message: str) -> None:
    with pytest.raises((CheckpointError, InvalidInputError, DespliegueError), match=message):
        run(bert, tmp_path / "out", **changed)


def test_a_base_of_pickled_weights_is_read_only_when_trusted(bert: Path, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file

    base = tmp_path / "base"
    shutil.copytree(bert, base, ignore=shutil.ignore_patterns("*.safetensors"))
    torch.save(load_file(bert / "model.safetensors"), base / "pytorch_model.bin")
    with pytest.raises(
        CheckpointError, match=r"holds pickled weights, and reading a pickle may run code.*--trust-pickle"
    ):
        run(base, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    run(base, tmp_path / "out", trust_pickle=True)
    run(bert, tmp_path / "safe")
    assert weights(tmp_path / "out") == weights(tmp_path / "safe")


def test_a_wandb_project_without_wandb_is_refused_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="fine-tuning needs torch, which this environment lacks")
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(DespliegueError, match="wandb is not installed"):
        run(tmp_path / "nowhere", tmp_path / "out", wandb_project="becas")


def test_a_wandb_project_is_logged_to_offline(bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("wandb", reason="wandb is optional, and this environment lacks it")
    for name in ("WANDB_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("WANDB_MODE", "offline")
    run(bert, tmp_path / "out", wandb_project="becas", wandb_kwargs={"name": "prueba"})
    (log,) = tmp_path.glob("wandb/offline-run-*/*.wandb")
    body = log.read_bytes()
    for told in (b"becas", b"prueba", b"learning_rate", b"train/loss", b"eval/f1"):
        assert told in body


def test_every_line_says_how_long_it_will_take(bert: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    run(bert, tmp_path / "out", lines=lines)
    steps = [line for line in lines if line.startswith("step ")]
    assert len(steps) == 5
    assert all(line.endswith(" left") for line in steps)
    assert steps[-1].endswith(", 0 s left")


def test_tokens_are_taken_from_the_cache_when_asked_and_change_nothing(
    bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from model_export.fine_tuning.tokenizing import Tokenizing

    out = tmp_path / "out"
    run(bert, out)
    made = weights(out)
    assert not (out / "cached_features").exists()
    run(bert, out, overwrite=True, reprocess_input_data=False)
    assert weights(out) == made
    with monkeypatch.context() as patched:
        patched.setattr(Tokenizing, "_made", None)
        run(bert, out, overwrite=True, reprocess_input_data=False)
    assert weights(out) == made


def test_a_folder_for_the_best_model_that_holds_something_else_is_never_overwritten(bert: Path, tmp_path: Path) -> None:
    best = tmp_path / "thesis"
    best.mkdir()
    (best / "chapter.txt").write_text("mine")
    changed = {"best_model_dir": str(best), "evaluate_during_training": True}
    for overwrite in (False, True):
        with pytest.raises(CheckpointError, match="thesis"):
            run(bert, tmp_path / "out", overwrite=overwrite, **changed)
    assert (best / "chapter.txt").read_text() == "mine"


def test_it_trains_in_bfloat16_and_saves_in_float32(bert: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    result = run(bert, tmp_path / "out", bf16=True)
    assert result.steps == 5
    assert {str(one.dtype) for one in load_file(tmp_path / "out" / "model.safetensors").values()} == {"torch.float32"}
