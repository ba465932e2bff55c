"""Precision of the training, and Weights & Biases."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from functions.core.errors import DespliegueError
from tests.model_export.fine_tuning.small import (
    train,
)


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


def test_it_trains_in_bfloat16_and_saves_in_float32(bert: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    result = train(bert, tmp_path / "out", bf16=True)
    assert result.steps == 5
    assert {str(one.dtype) for one in load_file(tmp_path / "out" / "model.safetensors").values()} == {"torch.float32"}
