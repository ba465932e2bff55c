"""Arguments that contradict each other or the surroundings, and values that are adjusted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from functions.core.errors import InvalidInputError
from model_export.fine_tuning.argument_checks import (
    SPECIAL_TOKENS,
    CheckedArguments,
    check_arguments,
    without_evaluation,
)
from model_export.fine_tuning.arguments import FineTuningArguments
from model_export.fine_tuning.surroundings import Surroundings

HERE = Surroundings(has_test=True, gpus=2, longest_input=4096)
EVALUATED: dict[str, Any] = {"evaluate_during_training": True}


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def checked(given: dict[str, Any], out: Path | None = None, surroundings: Surroundings = HERE) -> CheckedArguments:
    return check_arguments({"doc_stride": 50, **given}, out, surroundings)


def refused(given: dict[str, Any], out: Path | None = None, surroundings: Surroundings = HERE) -> list[str]:
    with pytest.raises(InvalidInputError) as raised:
        checked(given, out, surroundings)
    return [f"{fault.loc[0]}: {fault.msg}" for fault in raised.value.faults]


def test_what_is_not_given_has_its_default() -> None:
    found = checked({"num_train_epochs": 3})
    assert found.arguments == FineTuningArguments(doc_stride=50, num_train_epochs=3)
    assert found.notes == ()


def test_a_stride_longer_than_a_window_is_shortened_with_a_note() -> None:
    found = check_arguments({}, None, HERE)
    assert found.arguments.doc_stride == 30
    assert found.notes == (
        "doc_stride is 30, not 384: with max_seq_length 128 a question of max_query_length 64 leaves 60 tokens for the "
        "context, and a longer step would skip some",
    )


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 5000))
def test_no_step_skips_a_token_of_the_context(length: int, query: int, stride: int) -> None:
    room = length - query - SPECIAL_TOKENS
    assume(room >= 1)
    surroundings = replace(HERE, longest_input=5000)
    asked = {"max_seq_length": length, "max_query_length": query, "doc_stride": stride}
    found = check_arguments(asked, None, surroundings)
    assert 1 <= found.arguments.doc_stride <= room
    assert (found.arguments.doc_stride == stride) == (stride <= room) == (not found.notes)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"use_early_stopping": True},
            "use_early_stopping: needs evaluations to stop by: set evaluate_during_training",
        ),
        (
            {**EVALUATED, "early_stopping_metric": "f1", "early_stopping_metric_minimize": True},
            "early_stopping_metric_minimize: a higher f1 is better: set false",
        ),
        (
            {**EVALUATED, "early_stopping_metric": "eval_loss", "early_stopping_metric_minimize": False},
            "early_stopping_metric_minimize: a lower eval_loss is better: set true",
        ),
        ({"n_gpu": 3}, "n_gpu: is 3, and this machine has 2: set 2 or leave it out"),
        ({"fp16": True, "bf16": True}, "fp16: is set together with bf16"),
        ({"n_gpu": 2, "train_batch_size": 5}, "train_batch_size: 5 questions cannot be shared by 2 GPUs: set 6"),
        ({"n_gpu": 2, "eval_batch_size": 1}, "eval_batch_size: 1 questions cannot be shared by 2 GPUs: set 2"),
        ({"max_seq_length": 4097}, "max_seq_length: is 4097, and the model takes 4096 tokens"),
        ({"max_seq_length": 64}, "max_query_length: questions of 64 tokens leave none of max_seq_length 64"),
        ({"wandb_kwargs": {"name": "a"}}, "wandb_kwargs: nothing is logged without a wandb_project"),
        (
            {**EVALUATED, "evaluate_during_training_steps": 0, "evaluate_each_epoch": False},
            "evaluate_each_epoch: leaves nothing to evaluate at",
        ),
        (
            {**EVALUATED, "evaluate_during_training_steps": -1, "use_early_stopping": True},
            "early_stopping_consider_epochs: is false, and only epochs are evaluated",
        ),
        (
            {"scheduler": "polynomial_decay_schedule_with_warmup", "polynomial_decay_schedule_lr_end": 4e-5},
            "polynomial_decay_schedule_lr_end: is 4e-05, and learning_rate 4e-05, which falls to it: set less",
        ),
        ({"best_model_dir": "outputs"}, "best_model_dir: "),
        ({"output_dir": "a/b", "best_model_dir": "a"}, "best_model_dir: "),
        ({"best_model_dir": "outputs/checkpoint-1"}, "best_model_dir: "),
        ({"best_model_dir": "outputs/unfinished"}, "best_model_dir: "),
        ({"best_model_dir": "outputs/cached_features/best"}, "best_model_dir: "),
    ],
)
def test_a_contradiction_is_refused(given: dict[str, Any], message: str) -> None:
    (found,) = refused(given)
    assert found.startswith(message)


def test_the_longest_question_that_fits_is_named_rightly() -> None:
    (found,) = refused({"max_seq_length": 64})
    assert "set max_query_length below 60" in found
    assert checked({"max_seq_length": 64, "max_query_length": 59}).arguments.doc_stride == 1


def test_all_contradictions_are_reported_at_once() -> None:
    found = refused({**EVALUATED, "n_gpu": 9, "fp16": True, "bf16": True}, None, replace(HERE, has_test=False))
    assert [one.partition(":")[0] for one in found] == ["evaluate_during_training", "n_gpu", "fp16"]
    assert "give --test FILE" in found[0]


def test_without_a_gpu_the_default_is_the_cpu_and_one_that_is_asked_for_is_refused() -> None:
    machine = replace(HERE, gpus=0)
    found = checked({}, None, machine)
    assert found.arguments.n_gpu == 0
    assert found.notes == ("n_gpu is 0: this machine has no GPU, so the CPU trains",)
    assert refused({"n_gpu": 1}, None, machine) == ["n_gpu: is 1, and this machine has none: set 0 or leave it out"]
    assert checked({"n_gpu": 0}, None, machine).notes == ()


@pytest.mark.parametrize(("given", "gpus"), [({}, 0), ({"n_gpu": 0}, 2)])
def test_half_precision_is_left_out_on_the_cpu_with_a_note(given: dict[str, Any], gpus: int) -> None:
    """It is the default of Simple Transformers, so that each of its files has it."""
    found = checked({"fp16": True, **given}, None, replace(HERE, gpus=gpus))
    assert found.arguments.fp16 is False
    assert found.notes[-1] == "fp16 is false: it needs a GPU, and the CPU trains in float32"
    assert checked({"fp16": True}).arguments.fp16 is True


def test_the_direction_follows_the_metric_with_a_note() -> None:
    found = checked({**EVALUATED, "early_stopping_metric": "eval_loss"})
    assert found.arguments.early_stopping_metric_minimize is True
    assert found.notes == ("early_stopping_metric_minimize is true, for eval_loss",)


def test_an_argument_without_effect_is_noted() -> None:
    given = {"evaluate_during_training_steps": 10, "early_stopping_patience": 2, "use_cached_eval_features": False}
    assert checked(given).notes == (
        "evaluate_during_training_steps has no effect: evaluate_during_training is false",
        "early_stopping_patience has no effect: use_early_stopping is false",
    )
    assert checked({**EVALUATED, "use_early_stopping": True, **given}).notes == ()


def test_a_check_that_is_not_possible_is_noted() -> None:
    notes = checked({"n_gpu": 8}, None, replace(HERE, gpus=None, longest_input=None)).notes
    assert len(notes) == 2
    assert "max_seq_length is not checked yet" in notes[0]
    assert "n_gpu is not checked" in notes[1]


@pytest.mark.parametrize(
    ("given", "out", "folders"),
    [
        ({}, None, ("outputs/", "outputs/best_model")),
        ({}, "mine", ("mine", "mine/best_model")),
        ({"output_dir": "a"}, None, ("a", "a/best_model")),
        ({"output_dir": "mine/"}, "mine", ("mine", "mine/best_model")),
        ({"best_model_dir": "best"}, "mine", ("mine", "best")),
    ],
)
def test_the_best_model_is_in_the_output_folder_by_default(
    given: dict[str, Any], out: str | None, folders: tuple[str, str]
) -> None:
    found = checked(given, out and Path(out)).arguments
    assert (found.output_dir, found.best_model_dir) == folders


def test_two_folders_for_the_output_are_refused() -> None:
    assert refused({"output_dir": "a"}, Path("b")) == ["output_dir: is a, and --out b: give one of them"]


@pytest.mark.parametrize(("name", "given"), [("output_dir", {}), ("best_model_dir", {"best_model_dir": "best"})])
def test_a_filled_folder_is_overwritten_only_on_request(name: str, given: dict[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / ("best" if given else "out")
    folder.mkdir()
    assert checked(given, Path("out")).notes == ()
    (folder / "model.safetensors").touch()
    (found,) = refused(given, Path("out"))
    assert found.startswith(f"{name}: {folder} is not empty: choose another folder")
    assert checked({**given, "overwrite_output_dir": True}, Path("out")).arguments.overwrite_output_dir
    assert checked(given, Path("out"), replace(HERE, resume=True)).notes == ()


def test_overwriting_has_no_effect_on_a_run_that_is_resumed() -> None:
    """It is usual in the files of Simple Transformers, and the same command resumes."""
    found = checked({"overwrite_output_dir": True}, Path("out"), replace(HERE, resume=True))
    assert found.notes == ("overwrite_output_dir has no effect: --resume goes on with the run that is there",)


@pytest.mark.parametrize(
    ("steps", "given", "last"),
    [
        (3, {}, 3),
        (4, {}, 3),
        (2, {"gradient_accumulation_steps": 2}, 2),
        (3, {"gradient_accumulation_steps": 2}, 2),
        (7, {"num_train_epochs": 2}, 6),
    ],
)
def test_a_training_of_fewer_steps_than_the_first_evaluation_needs_is_refused(
    steps: int, given: dict[str, int], last: int
) -> None:
    """Of ten windows in batches of four."""
    asked = {**EVALUATED, "evaluate_each_epoch": False, "evaluate_during_training_steps": steps, "train_batch_size": 4}
    faults = without_evaluation(checked({**asked, **given}).arguments, 10)
    assert [fault.loc for fault in faults] == [("evaluate_during_training_steps",)] * (steps > last)
    assert all(fault.msg.startswith(f"is {steps}, and the training has {last} steps") for fault in faults)


@pytest.mark.parametrize("given", [{}, EVALUATED])
def test_evaluations_that_are_not_asked_for_or_end_each_epoch_need_no_steps(given: dict[str, Any]) -> None:
    assert without_evaluation(checked(given).arguments, 1) == []


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    assert refused({}, Path("out")) == [f"output_dir: {tmp_path / 'out'} is not a folder: choose another"]


def test_a_folder_that_holds_what_is_read_is_never_written_to(tmp_path: Path) -> None:
    surroundings = replace(HERE, inputs=(Path("data/train.json"),))
    (found,) = refused({"overwrite_output_dir": True}, Path("data"), surroundings)
    assert found == f"output_dir: {tmp_path / 'data'} holds data/train.json, which is read: choose another folder"
