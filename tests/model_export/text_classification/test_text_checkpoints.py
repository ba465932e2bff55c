"""Checkpoints that label texts, and messages about the ones that cannot be served."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from functions.core.errors import CheckpointError
from tests.model_export.checkpoints.tiny import LABELS, LENGTH, change, write_checkpoint, write_text_checkpoint

pytest.importorskip("torch", reason="loading needs torch, which this environment lacks")
pytest.importorskip("transformers", reason="loading needs transformers, which this environment lacks")

from model_export.text_classification.text_checkpoints import load_text_checkpoint

TextFolders = Callable[..., Path]


@pytest.mark.parametrize(
    ("problem", "activation"), [("single_label_classification", "softmax"), ("multi_label_classification", "sigmoid")]
)
def test_labels_and_their_activation_are_those_of_the_checkpoint(
    text_folder: TextFolders, problem: str, activation: str
) -> None:
    found = load_text_checkpoint(text_folder("bert", problem), trust_pickle=False)
    assert (found.labels, found.activation, found.max_length) == (LABELS, activation, LENGTH)
    assert (found.ends.count, len(found.ends.before), found.ends.text_type) == (2, 1, 0)


def test_one_label_is_scored_by_itself(tmp_path: Path) -> None:
    write_text_checkpoint(tmp_path / "bert", "bert", ["spam"])
    found = load_text_checkpoint(tmp_path / "bert", trust_pickle=False)
    assert (found.labels, found.activation) == (("spam",), "sigmoid")


def test_a_number_is_no_label(text_folder: TextFolders) -> None:
    with pytest.raises(CheckpointError, match="gives a number for a text"):
        load_text_checkpoint(text_folder("bert", "regression"), trust_pickle=False)


def test_two_labels_of_one_name_are_refused(text_folder: TextFolders, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(text_folder("bert"), tmp_path / "bert"))
    change(folder / "config.json", id2label={0: "a", 1: "b", 2: "a", 3: "d"})
    with pytest.raises(CheckpointError, match="id2label has a more than once"):
        load_text_checkpoint(folder, trust_pickle=False)


def test_labels_that_are_counted_from_1_are_refused_with_the_missing_number(
    text_folder: TextFolders, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(text_folder("bert"), tmp_path / "bert"))
    stars = {str(number): f"{number} stars" for number in range(1, len(LABELS) + 1)}
    change(folder / "config.json", id2label=stars, label2id={name: int(number) for number, name in stars.items()})
    with pytest.raises(CheckpointError, match=r"id2label has no 0: number its 4 labels from 0 to 3 in config\.json"):
        load_text_checkpoint(folder, trust_pickle=False)


def test_a_checkpoint_of_another_head_is_refused(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "bert", "bert")
    with pytest.raises(CheckpointError, match="has no text-classification head"):
        load_text_checkpoint(tmp_path / "bert", trust_pickle=False)


def test_a_length_may_be_asked_for(text_folder: TextFolders) -> None:
    assert load_text_checkpoint(text_folder("bert"), trust_pickle=False, max_length=64).max_length == 64
    with pytest.raises(CheckpointError, match="--max-length 2: this model takes 3 to 200 tokens"):
        load_text_checkpoint(text_folder("bert"), trust_pickle=False, max_length=2)
