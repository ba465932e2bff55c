"""Checkpoints that answer questions have a head for starts and ends, and a tokenizer that separates a pair."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from functions.core.errors import CheckpointError
from tests.model_export.checkpoints.tiny import LENGTH, change, write_checkpoint

pytest.importorskip("torch", reason="loading needs torch, which this environment lacks")
pytest.importorskip("transformers", reason="loading needs transformers, which this environment lacks")

from model_export.question_answering.checkpoints import load_checkpoint

Checkpoints = Callable[[str], Path]


@pytest.fixture
def longformer(checkpoint: Checkpoints, tmp_path: Path) -> Path:
    """A copy that belongs to the test."""
    return Path(shutil.copytree(checkpoint("longformer"), tmp_path / "longformer"))


@pytest.mark.parametrize("asked", [0, -1, 5, LENGTH + 1])
def test_no_length_beyond_the_model_may_be_asked_for(longformer: Path, asked: int) -> None:
    with pytest.raises(CheckpointError, match=f"--max-length {asked}: this model takes 6 to {LENGTH} tokens"):
        load_checkpoint(longformer, trust_pickle=False, max_length=asked)


def test_a_checkpoint_without_a_head_is_refused(longformer: Path) -> None:
    load_checkpoint(longformer, trust_pickle=False).model.longformer.save_pretrained(longformer)
    with pytest.raises(CheckpointError, match="has no question-answering head"):
        load_checkpoint(longformer, trust_pickle=False)


def test_a_head_of_other_numbers_is_refused(longformer: Path) -> None:
    shutil.rmtree(longformer)
    write_checkpoint(longformer, "longformer", num_labels=3)
    with pytest.raises(CheckpointError, match="gives 3 numbers a token, not 2"):
        load_checkpoint(longformer, trust_pickle=False)


def test_a_tokenizer_without_separators_is_refused(longformer: Path) -> None:
    change(longformer / "tokenizer.json", post_processor=None)
    change(longformer / "tokenizer_config.json", tokenizer_class="PreTrainedTokenizerFast")
    with pytest.raises(CheckpointError, match="puts no separators"):
        load_checkpoint(longformer, trust_pickle=False)
