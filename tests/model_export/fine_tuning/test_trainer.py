"""Optimiser, scheduler and settings of the Trainer that the arguments ask for, precision, predictions, and W&B."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, cast, get_args

import pytest

from functions.core.errors import DespliegueError
from model_export.fine_tuning.arguments import FineTuningArguments, Scheduler
from tests.model_export.checkpoints.tiny import write_checkpoint
from tests.model_export.fine_tuning.small import QUESTIONS, fine_tuning_request, train, weights

STEPS = 40
PEAK = 1e-3
"""learning_rate of the small trainings."""


def trainer(bert: Path, tmp_path: Path, **changed: Any) -> Any:
    """A Trainer with its optimiser and scheduler for STEPS steps."""
    from model_export.fine_tuning.checkpoint_folders import load_base
    from model_export.fine_tuning.run import FineTuningRun
    from model_export.fine_tuning.trainer import make_trainer

    request = fine_tuning_request(bert, tmp_path, **changed)
    base = load_base(str(bert), {}, 1, trust_pickle=False)
    run = FineTuningRun(tmp_path, 1, None)
    made = make_trainer(request, run, base, cast(Any, [None]), None, [], lambda line: None)
    made.create_optimizer_and_scheduler(STEPS)
    return made


def rates(made: Any) -> list[float]:
    """The learning rate of each step."""
    found = []
    for _ in range(STEPS):
        found.append(made.lr_scheduler.get_last_lr()[0])
        made.optimizer.step()
        made.lr_scheduler.step()
    return found


def test_adam_has_its_betas_and_epsilon_and_biases_do_not_decay(bert: Path, tmp_path: Path) -> None:
    import torch

    made = trainer(bert, tmp_path, adam_betas=(0.8, 0.95), adam_epsilon=1e-6, weight_decay=0.1, max_grad_norm=2.5)
    assert type(made.optimizer) is torch.optim.AdamW
    decaying, others = made.optimizer.param_groups
    assert (decaying["betas"], decaying["eps"], decaying["initial_lr"]) == ((0.8, 0.95), 1e-6, PEAK)
    assert (decaying["weight_decay"], others["weight_decay"]) == (0.1, 0.0)
    assert all(one.ndim == 2 for one in decaying["params"])
    assert made.args.max_grad_norm == 2.5


def test_adafactor_has_its_own_arguments_and_the_learning_rate(bert: Path, tmp_path: Path) -> None:
    from transformers import Adafactor

    changed = {
        "adafactor_beta1": 0.9,
        "adafactor_clip_threshold": 2.0,
        "adafactor_decay_rate": -0.7,
        "adafactor_eps": (1e-20, 1e-2),
        "adafactor_scale_parameter": False,
        "weight_decay": 0.1,
    }
    made = trainer(bert, tmp_path, optimizer="Adafactor", **changed)
    assert type(made.optimizer) is Adafactor
    group = made.optimizer.param_groups[0]
    assert {f"adafactor_{name}": group[name] for name in ("beta1", "clip_threshold", "decay_rate", "eps")} | {
        "adafactor_scale_parameter": group["scale_parameter"],
        "weight_decay": group["weight_decay"],
    } == changed
    assert (group["initial_lr"], group["relative_step"]) == (PEAK, False)
    assert made.args.max_grad_norm == 0


@pytest.mark.parametrize(
    ("changed", "warm", "middle", "last"),
    [
        ({}, 3, 0.5, 0.0),
        ({"warmup_ratio": 0.25}, 10, 0.5, 0.0),
        ({"warmup_ratio": 0.25, "warmup_steps": 4}, 4, 0.5, 0.0),
        ({"scheduler": "constant_schedule"}, 0, 1.0, 1.0),
        ({"scheduler": "constant_schedule_with_warmup", "warmup_steps": 8}, 8, 1.0, 1.0),
        ({"scheduler": "cosine_schedule_with_warmup", "warmup_steps": 8}, 8, 0.5, 0.0),
        ({"scheduler": "cosine_schedule_with_warmup", "cosine_schedule_num_cycles": 1.0}, 3, 0.0, 1.0),
        (
            {"scheduler": "cosine_with_hard_restarts_schedule_with_warmup", "cosine_schedule_num_cycles": 2.0,
             "warmup_steps": 2},
            2, 1.0, 0.0,
        ),
        (
            {"scheduler": "polynomial_decay_schedule_with_warmup", "polynomial_decay_schedule_power": 2.0,
             "polynomial_decay_schedule_lr_end": PEAK / 10},
            3, 0.1 + 0.9 / 4, 0.1,
        ),
    ],
)  # fmt: skip
def test_the_learning_rate_follows_the_scheduler(
    bert: Path, tmp_path: Path, changed: dict[str, Any], warm: int, middle: float, last: float
) -> None:
    """The rates after the warm-up, half-way from there to the end, and at the end, as shares of the peak."""
    found = [rate / PEAK for rate in rates(trainer(bert, tmp_path, **changed))]
    assert found[:warm] == pytest.approx([step / max(warm, 1) for step in range(warm)])
    assert found[warm] == pytest.approx(1)
    assert found[(STEPS + warm) // 2] == pytest.approx(middle, abs=0.1)
    assert found[-1] == pytest.approx(last, abs=0.1)


def test_each_scheduler_is_one_of_the_trainer() -> None:
    pytest.importorskip("torch", reason="fine-tuning needs torch, which this environment lacks")
    from model_export.fine_tuning.trainer import SCHEDULERS

    assert SCHEDULERS.keys() == set(get_args(Scheduler))


def test_gradients_are_clipped_to_the_norm_that_was_asked_for(bert: Path, tmp_path: Path) -> None:
    """With a large epsilon the steps of AdamW are as small as the gradients."""
    plain, clipped = (tmp_path / name for name in ("plain", "clipped"))
    train(bert, plain, max_grad_norm=0.0, adam_epsilon=1.0)
    train(bert, clipped, max_grad_norm=1e-6, adam_epsilon=1.0)
    moved = [_distance(bert, out) for out in (plain, clipped)]
    assert moved[1] < moved[0] / 100


def _distance(first: Path, second: Path) -> float:
    from safetensors.torch import load_file

    before, after = (load_file(folder / "model.safetensors") for folder in (first, second))
    return max(float((before[name] - after[name]).abs().max()) for name in before)


def test_a_model_is_trained_by_adafactor(bert: Path, tmp_path: Path) -> None:
    result = train(bert, tmp_path / "out", optimizer="Adafactor", scheduler="constant_schedule")
    assert result.steps == 5
    assert _distance(bert, tmp_path / "out") > 0


def test_a_model_with_one_type_alone_trains_where_its_tokenizer_gives_two(tmp_path: Path) -> None:
    """As some RoBERTas are on the hub, with the marks of a BERT in their tokenizer.json."""
    pytest.importorskip("torch", reason="fine-tuning needs torch, which this environment lacks")
    from tokenizers import Tokenizer
    from tokenizers.processors import BertProcessing

    base = tmp_path / "roberta"
    write_checkpoint(base, "roberta")
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    first, last = ((token, tokenizer.token_to_id(token)) for token in ("<s>", "</s>"))
    tokenizer.post_processor = BertProcessing(last, first)
    tokenizer.save(str(base / "tokenizer.json"))
    assert set(tokenizer.encode("beca", "beca").type_ids) == {0, 1}
    assert train(base, tmp_path / "out").steps == 5


def test_windows_that_other_processes_prepare_give_the_same_weights(bert: Path, tmp_path: Path) -> None:
    for out, workers in (("own", 0), ("others", 2)):
        train(bert, tmp_path / out, dataloader_num_workers=workers)
    assert weights(tmp_path / "own") == weights(tmp_path / "others")


def test_a_wandb_project_without_wandb_is_refused_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch", reason="fine-tuning needs torch, which this environment lacks")
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(DespliegueError, match="wandb is not installed"):
        train(tmp_path / "nowhere", tmp_path / "out", wandb_project="becas")


def test_a_wandb_project_is_logged_to_offline(bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("wandb", reason="wandb is optional, and this environment lacks it")
    for name in ("WANDB_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("WANDB_MODE", "offline")
    train(bert, tmp_path / "out", wandb_project="becas", wandb_kwargs={"name": "prueba"})
    (log,) = tmp_path.glob("wandb/offline-run-*/*.wandb")
    body = log.read_bytes()
    for part in (b"becas", b"prueba", b"learning_rate", b"train/loss", b"eval/f1"):
        assert part in body


def test_predictions_of_batches_are_one_table_whatever_the_size_of_a_batch(bert: Path, tmp_path: Path) -> None:
    import numpy as np

    from model_export.fine_tuning.text_tokenizer import TextTokenizer
    from model_export.fine_tuning.trainer import NO_LOGITS, start_and_end
    from model_export.fine_tuning.window_dataset import WindowDataset, WindowLengths

    lengths = WindowLengths(64, 16, 32)
    dataset = WindowDataset(QUESTIONS, TextTokenizer((bert / "tokenizer.json").read_bytes()), lengths)
    batches = {
        size: trainer(bert, tmp_path, eval_batch_size=size).predict(dataset, ignore_keys=NO_LOGITS).predictions
        for size in (4, 100)
    }
    assert [len(start) for start, _ in batches[4][:2]] == [4, 4]  # not all that came before as well
    assert len(batches[100]) == 1
    small, large = (start_and_end(one) for one in batches.values())
    for few, all_at_once in zip(small, large, strict=True):
        assert few.shape == all_at_once.shape
        for number, labelled in enumerate(dataset.labelled):
            inside = slice(len(dataset.window(labelled).ids))
            np.testing.assert_allclose(few[number, inside], all_at_once[number, inside], atol=1e-5)


@pytest.mark.parametrize(
    ("given", "bf16", "fp16"),
    [
        ({}, True, False),
        ({"fp16": False}, False, False),
        ({"fp16": True}, False, True),
        ({"bf16": False}, False, False),
        ({"fp16": False, "bf16": True}, True, False),
    ],
)
def test_a_gpu_with_bfloat16_takes_it_unless_a_precision_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], bf16: bool, fp16: bool
) -> None:
    torch = pytest.importorskip("torch", reason="fine-tuning needs torch, which this environment lacks")
    from model_export.fine_tuning.trainer import half_precision

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: True)
    assert half_precision(FineTuningArguments(**given), has_gpu=True) == (bf16, fp16)


def test_it_trains_in_bfloat16_and_saves_in_float32(bert: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    result = train(bert, tmp_path / "out", bf16=True)
    assert result.steps == 5
    assert {str(one.dtype) for one in load_file(tmp_path / "out" / "model.safetensors").values()} == {"torch.float32"}
