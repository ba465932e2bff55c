"""Weights that are there, and whether they may be read, by the names of the files."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.core.errors import CheckpointError
from model_export.checkpoints.weight_files import has_weights, weights_are_safe


@pytest.mark.parametrize(
    ("files", "is_safe"),
    [
        (["model.safetensors"], True),
        (["model-00001-of-00002.safetensors", "pytorch_model.bin"], True),
        (["pytorch_model.bin"], False),
        (["pytorch_model-00002-of-00002.bin"], False),
    ],
)
def test_safetensors_come_before_pickles_which_are_read_only_when_trusted(
    tmp_path: Path, files: list[str], is_safe: bool
) -> None:
    for name in files:
        (tmp_path / name).touch()
    assert has_weights(tmp_path)
    assert weights_are_safe(tmp_path, trust_pickle=True) is is_safe
    if not is_safe:
        with pytest.raises(CheckpointError, match="holds pickled weights, and reading a pickle may run code"):
            weights_are_safe(tmp_path, trust_pickle=False)


def test_a_folder_may_hold_no_weights(tmp_path: Path) -> None:
    (tmp_path / "training_args.bin").touch()
    assert not has_weights(tmp_path)
    with pytest.raises(CheckpointError, match=r"holds no model\.safetensors"):
        weights_are_safe(tmp_path, trust_pickle=True)
