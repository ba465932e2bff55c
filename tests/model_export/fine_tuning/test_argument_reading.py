"""Arguments read from files and from the command line, each within its own range."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from functions.core.errors import InvalidInputError
from model_export.fine_tuning.argument_reading import GivenArguments, read_arguments
from model_export.fine_tuning.arguments import TYPES, FineTuningArguments
from model_export.fine_tuning.unsupported_arguments import UNSUPPORTED

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
    found = read_arguments(path, []).values
    assert len(found) == 26
    assert found["wandb_kwargs"] == {"name": "bert-base"}
    assert found["config"] == {"attention_window": [64, 64]}
    assert found["learning_rate"] == 5e-5


def test_nothing_is_read_where_nothing_is_given() -> None:
    assert read_arguments(None, []) == GivenArguments({})


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
        ("wandb_project=None", None),
        ("wandb_project=null", None),
        ("output_dir=None", "None"),
        ('wandb_kwargs={"tags": ["a"]}', {"tags": ["a"]}),
    ],
)
def test_a_value_is_read_as_its_argument_wants_it(assignment: str, value: Any) -> None:
    (found,) = read_arguments(None, [assignment]).values.values()
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "text"), [("args.toml", "n_best_size = 3\n"), ("model_args.json", '{"n_best_size": 3}')]
)
def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path, name: str, text: str) -> None:
    """As PowerShell 5 writes UTF-8."""
    path = tmp_path / name
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_arguments(path, []).values == {"n_best_size": 3}


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "args.toml"
    path.write_text("n_best_size = 3\nmanual_seed = 1\n", encoding="utf-8")
    assert read_arguments(path, ["manual_seed=2"]).values == {"n_best_size": 3, "manual_seed": 2}


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


WRITTEN = {
    "adafactor_beta1": None, "adafactor_clip_threshold": 1.0, "adafactor_decay_rate": -0.8,
    "adafactor_eps": [1e-30, 0.001], "adafactor_relative_step": True, "adafactor_scale_parameter": True,
    "adafactor_warmup_init": True, "adam_betas": [0.9, 0.999], "adam_epsilon": 1e-08,
    "best_model_dir": "outputs/best_model", "cache_dir": "cache_dir/", "config": {}, "cosine_schedule_num_cycles": 0.5,
    "custom_layer_parameters": [], "custom_parameter_groups": [], "dataloader_num_workers": 0,
    "dataset_cache_dir": None, "do_lower_case": False, "dynamic_quantize": False,
    "early_stopping_consider_epochs": False, "early_stopping_delta": 0, "early_stopping_metric": "correct",
    "early_stopping_metric_minimize": False, "early_stopping_patience": 3, "encoding": None, "eval_batch_size": 100,
    "evaluate_during_training": False, "evaluate_during_training_silent": True, "evaluate_during_training_steps": 2000,
    "evaluate_during_training_verbose": False, "evaluate_each_epoch": True, "fp16": True,
    "gradient_accumulation_steps": 1, "learning_rate": 4e-05, "local_rank": -1, "logging_steps": 50,
    "loss_type": None, "loss_args": {}, "manual_seed": None, "max_grad_norm": 1.0, "max_seq_length": 128,
    "model_name": "owner/name", "model_type": "bert", "multiprocessing_chunksize": -1, "n_gpu": 1, "no_cache": False,
    "no_save": False, "not_saved_args": [], "num_train_epochs": 1, "optimizer": "AdamW", "output_dir": "outputs/",
    "overwrite_output_dir": False, "polynomial_decay_schedule_lr_end": 1e-07, "polynomial_decay_schedule_power": 1.0,
    "process_count": 14, "quantized_model": False, "reprocess_input_data": True, "save_best_model": True,
    "save_eval_checkpoints": True, "save_model_every_epoch": True, "save_optimizer_and_scheduler": True,
    "save_steps": 2000, "scheduler": "linear_schedule_with_warmup", "silent": False, "skip_special_tokens": True,
    "tensorboard_dir": None, "thread_count": None, "tokenizer_name": None, "tokenizer_type": None,
    "train_batch_size": 8, "train_custom_parameters_only": False, "trust_remote_code": False,
    "use_cached_eval_features": False, "use_early_stopping": False, "use_hf_datasets": False,
    "use_multiprocessing": True, "use_multiprocessing_for_evaluation": True, "wandb_kwargs": {}, "wandb_project": None,
    "warmup_ratio": 0.06, "warmup_steps": 0, "weight_decay": 0.0, "model_class": "QuestionAnsweringModel",
    "doc_stride": 384, "lazy_loading": False, "max_answer_length": 100, "max_query_length": 64, "n_best_size": 20,
    "null_score_diff_threshold": 0.0, "special_tokens_list": [],
}  # fmt: skip
"""A model_args.json with the default of each argument of Simple Transformers 0.70."""


def written(tmp_path: Path, **changed: Any) -> Path:
    path = tmp_path / "model_args.json"
    path.write_text(json.dumps({**WRITTEN, **changed}), encoding="utf-8")
    return path


def test_each_argument_of_simple_transformers_is_known() -> None:
    assert TYPES.keys() - WRITTEN.keys() == {"bf16"}
    assert WRITTEN.keys() - TYPES.keys() - UNSUPPORTED.keys() == set()


def test_the_defaults_of_a_written_file_ask_for_nothing(tmp_path: Path) -> None:
    assert read_arguments(written(tmp_path), []) == GivenArguments({})


def test_the_values_of_a_written_file_are_taken(tmp_path: Path) -> None:
    changed = {"scheduler": "constant_schedule", "adam_betas": [0.8, 0.9], "warmup_steps": 7, "learning_rate": 1}
    found = read_arguments(written(tmp_path, **changed), ["warmup_steps=9"])
    assert found == GivenArguments({**changed, "adam_betas": (0.8, 0.9), "warmup_steps": 9})


def test_a_value_that_simple_transformers_has_not_by_default_was_chosen(tmp_path: Path) -> None:
    changed = {"eval_batch_size": 16, "fp16": False, "logging_steps": 5}
    assert read_arguments(written(tmp_path, **changed), []) == GivenArguments(changed)


@pytest.mark.parametrize(("ratio", "chosen"), [(0.06, {}), (0.2, {"warmup_ratio": 0.2})])
def test_the_warm_up_of_another_training_gives_way_to_the_ratio_that_it_came_from(
    tmp_path: Path, ratio: float, chosen: dict[str, Any]
) -> None:
    found = read_arguments(written(tmp_path, warmup_steps=57, warmup_ratio=ratio), [])
    (note,) = found.notes
    assert found.values == chosen
    assert note.startswith("warmup_steps 57 is ignored, and warmup_ratio counts: Simple Transformers writes there what")
    assert note.endswith("; --arg warmup_steps=57 keeps it")


def test_a_warm_up_that_no_ratio_can_have_made_was_chosen(tmp_path: Path) -> None:
    chosen = {"warmup_steps": 57, "warmup_ratio": 0.0}
    assert read_arguments(written(tmp_path, **chosen), []) == GivenArguments(chosen)


def test_a_written_file_of_our_own_is_taken(tmp_path: Path) -> None:
    values: dict[str, Any] = {"eval_batch_size": 100, "logging_steps": 50, "fp16": True, "warmup_steps": 57}
    arguments = FineTuningArguments(
        optimizer="Adafactor", doc_stride=30, n_gpu=0, output_dir="a", best_model_dir="b", **values
    )
    path = tmp_path / "model_args.json"
    more = {"model_name": "bert", "handle_impossible_answer": True}
    path.write_text(json.dumps({**asdict(arguments), **more}), encoding="utf-8")
    folders = {"output_dir": "a", "best_model_dir": "b"}
    chosen = {"optimizer": "Adafactor", "doc_stride": 30, "n_gpu": 0, **values}
    assert read_arguments(path, []) == GivenArguments({**chosen, **folders})
    assert read_arguments(path, [], Path("out")) == GivenArguments(chosen)


def test_what_a_written_file_asks_for_in_vain_is_named_once_each(tmp_path: Path) -> None:
    path = written(tmp_path, tensorboard_dir="runs", encoding="latin-1", lazy_loading=True, process_count=3)
    assert read_arguments(path, []).notes == (
        "encoding is ignored: files are read as UTF-8",
        "lazy_loading is ignored: all questions are kept in memory, as tokens",
        "tensorboard_dir is ignored: the curve is training_curve.csv and .svg; wandb_project sends it elsewhere",
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"loss_type": "focal"}, "loss_type: is not supported: the loss is the model's own"),
        ({"custom_parameter_groups": [{"lr": 1}]}, "custom_parameter_groups: is not supported: all weights are"),
        ({"special_tokens_list": ["<x>"]}, "special_tokens_list: is not supported: add them to the tokenizer and"),
        ({"model_class": "NERModel", "labels_list": []}, "model_class: is NERModel: this command trains a Question"),
        ({"doc_strides": 3}, "doc_strides: is not an argument of a fine-tuning; did you mean doc_stride?"),
        ({"lazy_load": True}, "lazy_load: is not an argument of a fine-tuning; did you mean lazy_loading?"),
    ],
)
def test_what_would_train_another_model_is_refused(tmp_path: Path, changed: dict[str, Any], message: str) -> None:
    path = written(tmp_path, **changed)
    with pytest.raises(InvalidInputError) as error:
        read_arguments(path, [])
    (found,) = messages(error)
    assert found.startswith(f"{path}.{message}")


def test_a_person_who_asks_in_vain_is_told_why_and_a_value_that_asks_for_nothing_passes() -> None:
    found = read_arguments(None, ["process_count=4", "lazy_loading=False", "adafactor_relative_step=True"])
    assert (found.values, [note.partition(":")[0] for note in found.notes]) == (
        {},
        ["adafactor_relative_step is ignored", "process_count is ignored"],
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"{", "is not JSON"), (b"[]", "is not a JSON object"), (b"[" * 90000, "is nested too deep")],
)
def test_a_damaged_written_file_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "model_args.json"
    path.write_bytes(content)
    with pytest.raises(InvalidInputError) as error:
        read_arguments(path, [])
    assert messages(error)[0].startswith(f"{path}: {message}")
