"""Checkpoints of one base become one with the mean of their weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from zoo.becas.averaged import BESIDE, WEIGHTS, main, mean


def _checkpoint(folder: Path, weights: Sequence[float], tokenizer: str = "{}") -> Path:
    folder.mkdir()
    save_file({"w": torch.tensor(weights)}, folder / WEIGHTS, {"format": "pt"})
    for name in BESIDE:
        (folder / name).write_text(tokenizer if name == "tokenizer.json" else "{}", "utf-8")
    return folder


def test_each_weight_is_the_mean_of_all_checkpoints(tmp_path: Path) -> None:
    folders = [_checkpoint(tmp_path / name, [one, 3 * one]) for name, one in (("a", 1.0), ("b", 2.0), ("c", 6.0))]
    main([*map(str, folders), "--out", str(tmp_path / "out" / "mean")])
    found = load_file(tmp_path / "out" / "mean" / WEIGHTS)
    assert found["w"].dtype == torch.float32
    assert found["w"].tolist() == [3.0, 9.0]
    assert {path.name for path in (tmp_path / "out" / "mean").iterdir()} == {WEIGHTS, *BESIDE}


def test_checkpoints_of_two_tokenizers_have_no_mean(tmp_path: Path) -> None:
    folders = [_checkpoint(tmp_path / name, [1.0], tokenizer=name) for name in ("a", "b")]
    with pytest.raises(ValueError, match="other tokenizers: average stages of one base"):
        main([*map(str, folders), "--out", str(tmp_path / "mean")])


def test_other_shapes_have_no_mean() -> None:
    with pytest.raises(ValueError, match="other tensors"):
        mean([{"w": torch.zeros(2)}, {"w": torch.zeros(3)}])
    with pytest.raises(ValueError, match="other tensors"):
        mean([{"w": torch.zeros(2)}, {"v": torch.zeros(2)}])
