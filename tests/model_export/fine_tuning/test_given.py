"""Arguments as they are given, in a file and on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from functions.core.errors import InvalidInputError
from model_export.fine_tuning.given import read_given

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
    found = read_given(path, [])
    assert len(found) == 26
    assert found["wandb_kwargs"] == {"name": "bert-base"}
    assert found["config"] == {"attention_window": [64, 64]}
    assert found["learning_rate"] == 5e-5


def test_nothing_given_is_nothing() -> None:
    assert read_given(None, []) == {}


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
    (found,) = read_given(None, [assignment]).values()
    assert found == value
    assert type(found) is type(value)


def test_the_command_line_stands_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "args.toml"
    path.write_text("n_best_size = 3\nmanual_seed = 1\n", encoding="utf-8")
    assert read_given(path, ["manual_seed=2"]) == {"n_best_size": 3, "manual_seed": 2}


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("max_seq_len=1", "--arg.max_seq_len: is no argument of a fine-tuning; did you mean max_seq_length?"),
        ("zzz=1", "--arg.zzz: is no argument of a fine-tuning; known: max_seq_length, doc_stride, "),
        ("max_seq_length", "--arg.max_seq_length: must be NAME=VALUE"),
        ("max_seq_length=many", "--arg.max_seq_length: must be a whole number, not 'many'"),
        ("max_seq_length=3.0", "--arg.max_seq_length: must be a whole number, not 3.0"),
        ("max_seq_length=true", "--arg.max_seq_length: must be a whole number, not True"),
        ("max_seq_length=None", "--arg.max_seq_length: must be a whole number, not None"),
        ("manual_seed=x", "--arg.manual_seed: must be a whole number or none, not 'x'"),
        ("use_early_stopping=1", "--arg.use_early_stopping: must be true or false, not 1"),
        ("learning_rate=NaN", "--arg.learning_rate: must be a number, not nan"),
        ("learning_rate=Infinity", "--arg.learning_rate: must be a number, not inf"),
        (f"learning_rate=1{'0' * 400}", "--arg.learning_rate: must be a number, not 1000"),
        ("config=[1]", "--arg.config: must be a table of names and plain values, not [1]"),
        ('config={"a": NaN}', "--arg.config: must be a table of names and plain values, not {'a': nan}"),
    ],
)
def test_what_cannot_be_is_told(assignment: str, message: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        read_given(None, [assignment])
    (told,) = messages(error)
    assert told.startswith(message)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "args.toml"
    path.write_text("n_gpus = 1\noutput_dir = 3\nconfig = {date = 2026-01-01}\n", encoding="utf-8")
    with pytest.raises(InvalidInputError) as error:
        read_given(path, ["fp16=maybe", "n_gpu=1", "n_gpu=2"])
    assert messages(error) == [
        "--arg.n_gpu: is given more than once: give it once",
        f"{path}.n_gpus: is no argument of a fine-tuning; did you mean n_gpu?",
        f"{path}.output_dir: must be a text, not 3",
        f"{path}.config: must be a table of names and plain values, not {{'date': datetime.date(2026, 1, 1)}}",
        "--arg.fp16: must be true or false or none, not 'maybe'",
    ]


@pytest.mark.parametrize(
    ("content", "message"), [(None, "cannot be read: No such file"), (b"a =", "is no TOML"), (b"\xff", "is no TOML")]
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "args.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidInputError, match=message):
        read_given(path, [])
