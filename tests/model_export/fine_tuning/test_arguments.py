"""Arguments read from a file and from the command line, each within its own range."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

import pytest

from functions.core.documents import read_document
from functions.core.errors import InvalidInputError
from model_export.fine_tuning.arguments import LOWER_IS_BETTER, FineTuningArguments, Metric, read_arguments

SCRIPT = """
reprocess_input_data = true
overwrite_output_dir = true
use_cached_eval_features = true
output_dir = "outputs/bert"
best_model_dir = "outputs/bert/best_model"
evaluate_during_training = true
evaluate_during_training_steps = 1000
max_seq_length = 128
doc_stride = 64
num_train_epochs = 5
wandb_project = "becas"
wandb_kwargs = {name = "bert-base"}
save_model_every_epoch = false
save_eval_checkpoints = false
n_best_size = 3
use_early_stopping = true
early_stopping_metric = "correct"
early_stopping_patience = 2
n_gpu = 1
train_batch_size = 16
eval_batch_size = 16
gradient_accumulation_steps = 2
learning_rate = 5e-5
manual_seed = 7
use_multiprocessing = false

[config]
attention_window = [64, 64]
"""


def messages(error: pytest.ExceptionInfo[InvalidInputError]) -> list[str]:
    return [f"{'.'.join(map(str, fault.loc))}: {fault.msg}" for fault in error.value.faults]


def test_every_argument_of_a_script_is_known(tmp_path: Path) -> None:
    path = tmp_path / "args.toml"
    path.write_text(SCRIPT, encoding="utf-8")
    found = read_arguments(path, [])
    assert len(found) == 26
    assert found["wandb_kwargs"] == {"name": "bert-base"}
    assert found["config"] == {"attention_window": [64, 64]}
    assert found["learning_rate"] == 5e-5


def test_nothing_is_read_where_nothing_is_given() -> None:
    assert read_arguments(None, []) == {}


@pytest.mark.parametrize(
    ("assignment", "value"),
    [
        ("max_seq_length=512", 512),
        (" max_seq_length = 512 ", 512),
        ("learning_rate=4e-5", 4e-5),
        ("learning_rate=1", 1.0),
        ("use_early_stopping=true", True),
        ("use_early_stopping=False", False),
        ("manual_seed=None", None),
        ("bf16=null", None),
        ("early_stopping_metric=f1", "f1"),
        ("output_dir=a=b", "a=b"),
        ("wandb_project=1", "1"),
        ('wandb_kwargs={"tags": ["a"]}', {"tags": ["a"]}),
    ],
)
def test_a_value_is_read_as_its_argument_wants_it(assignment: str, value: Any) -> None:
    (found,) = read_arguments(None, [assignment]).values()
    assert found == value
    assert type(found) is type(value)


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "args.toml"
    path.write_text("n_best_size = 3\nmanual_seed = 1\n", encoding="utf-8")
    assert read_arguments(path, ["manual_seed=2"]) == {"n_best_size": 3, "manual_seed": 2}


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("max_seq_len=1", "max_seq_len: is not an argument of a fine-tuning; did you mean max_seq_length?"),
        ("zzz=1", "zzz: is not an argument of a fine-tuning; known: max_seq_length, doc_stride, "),
        ("max_seq_length", "max_seq_length: must be NAME=VALUE"),
        ("max_seq_length=many", 'max_seq_length: a whole number of at least 1 is expected, "many" was found'),
        ("max_seq_length=3.0", "max_seq_length: a whole number of at least 1 is expected, 3.0 was found"),
        ("max_seq_length=true", "max_seq_length: a whole number of at least 1 is expected, true was found"),
        ("max_seq_length=None", "max_seq_length: a whole number of at least 1 is expected, null was found"),
        ("manual_seed=x", 'manual_seed: a whole number from 0 to 4294967295 is expected, "x" was found'),
        ("use_early_stopping=1", "use_early_stopping: true or false is expected, 1 was found"),
        ("learning_rate=NaN", "learning_rate: a number greater than 0 is expected, nan was found"),
        ("learning_rate=Infinity", "learning_rate: a number greater than 0 is expected, inf was found"),
        (f"learning_rate=1{'0' * 400}", "learning_rate: a number greater than 0 is expected, 1000"),
        ("config=[1]", "config: a section of keys and values is expected, [1] was found"),
        ('config={"a": NaN}', "config.a: a finite number of at most 64 bits is expected, nan was found"),
        ("num_train_epochs=0", "num_train_epochs: a whole number of at least 1 is expected, 0 was found"),
        ("train_batch_size=-8", "train_batch_size: a whole number of at least 1 is expected, -8 was found"),
        ("warmup_ratio=1.5", "warmup_ratio: a number from 0 to 1 is expected, 1.5 was found"),
        ("weight_decay=-0.1", "weight_decay: a number of at least 0 is expected, -0.1 was found"),
        ("learning_rate=0.0", "learning_rate: a number greater than 0 is expected, 0.0 was found"),
        (f"manual_seed={2**32}", "manual_seed: a whole number from 0 to 4294967295 is expected, 4294967296 was found"),
        ("n_gpu=-1", "n_gpu: a whole number of at least 0 is expected, -1 was found"),
        (
            "evaluate_during_training_steps=-2",
            "evaluate_during_training_steps: a whole number of at least -1 is expected, -2 was found",
        ),
        ("output_dir=", 'output_dir: text that is not empty is expected, "" was found'),
        ("wandb_project=", 'wandb_project: text that is not empty is expected, "" was found'),
        (
            "early_stopping_metric=mcc",
            'early_stopping_metric: one of eval_loss, correct, similar, incorrect, exact, f1 is expected, "mcc" was',
        ),
    ],
)
def test_an_invalid_argument_is_refused(assignment: str, message: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        read_arguments(None, [assignment])
    (found,) = messages(error)
    assert found.startswith(f"--arg.{message}")


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    path = tmp_path / "args.toml"
    path.write_text("n_gpus = 1\nn_best_size = 0\noutput_dir = 3\nconfig = {date = 2026-01-01}\n", encoding="utf-8")
    with pytest.raises(InvalidInputError) as error:
        read_arguments(path, ["fp16=maybe", "n_gpu=1", "n_gpu=2", "bf16", "warmup_ratio=2"])
    assert messages(error) == [
        "--arg.bf16: must be NAME=VALUE",
        "--arg.n_gpu: is given more than once: give it once",
        f"{path}.n_gpus: is not an argument of a fine-tuning; did you mean n_gpu?",
        f"{path}.n_best_size: a whole number of at least 1 is expected, 0 was found",
        f"{path}.output_dir: text that is not empty is expected, 3 was found",
        f"{path}.config.date: text, a number, true, false, an array or a section is expected, "
        "the date 2026-01-01 was found",
        '--arg.fp16: true or false is expected, "maybe" was found',
        "--arg.warmup_ratio: a number from 0 to 1 is expected, 2 was found",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file"),
        (b"a =", "is not TOML"),
        (b"\xff", "is not TOML"),
        (b"a = " + b"[" * 2000 + b"]" * 2000, "is nested too deep"),
    ],
)
def test_an_unreadable_file_is_one_fault_among_others(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "args.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidInputError) as error:
        read_arguments(path, ["n_gpu=-1"])
    in_file, on_command_line = messages(error)
    assert in_file.startswith(f"{path}: {message}")
    assert on_command_line.startswith("--arg.n_gpu: ")


def test_the_defaults_are_within_their_ranges() -> None:
    assert read_document(asdict(FineTuningArguments()), FineTuningArguments, "defaults") == FineTuningArguments()


def test_the_metrics_to_stop_by_are_those_that_have_a_direction() -> None:
    assert set(get_args(Metric)) == LOWER_IS_BETTER.keys()
