"""The card of a checkpoint says everything that is known about it, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.model_export.conftest import Checkpoints

pytest.importorskip("huggingface_hub", reason="a card needs huggingface_hub, which this environment lacks")
pytest.importorskip("torch", reason="a card is made from a loaded checkpoint, which needs torch")

from huggingface_hub import ModelCard

from model_export.question_answering.card import MARK, Base, card
from model_export.question_answering.checkpoints import load_checkpoint


@pytest.fixture(scope="module")
def loaded(checkpoint: Checkpoints) -> Any:
    return load_checkpoint(checkpoint("bert"), trust_pickle=False)


def test_the_hub_reads_what_is_known_of_the_base(loaded: Any) -> None:
    text = card("becas/dudas", loaded, Base("owner/base", "owner/base", "apache-2.0", ["es", "en"]))
    assert ModelCard(text).data.to_dict() == {
        "base_model": "owner/base",
        "language": ["es", "en"],
        "library_name": "transformers",
        "license": "apache-2.0",
        "pipeline_tag": "question-answering",
    }
    assert MARK in text
    assert "# dudas" in text.splitlines()
    assert "It was fine-tuned from owner/base." in text


def test_a_base_on_this_machine_has_only_its_name_in_the_card(loaded: Any) -> None:
    text = card("becas/dudas", loaded, Base("base"))
    assert ModelCard(text).data.to_dict().keys() == {"library_name", "pipeline_tag"}
    assert "It was fine-tuned from base." in text


def test_what_is_not_known_has_no_place(loaded: Any) -> None:
    text = card("becas/dudas", loaded, None)
    assert "fine-tuned" not in text
    assert "|" not in text
    assert "reads at most 200 tokens" in text


def test_arguments_of_the_machine_are_not_shown(loaded: Any) -> None:
    args = {"output_dir": "/home/somebody", "max_seq_length": 384, "learning_rate": 4e-5, "manual_seed": None}
    text = card("becas/dudas", replace(loaded, args=args, results={"f1": 81.23456789}), None)
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert rows == [
        "| argument | value |",
        "| max_seq_length | 384 |",
        "| learning_rate | 4e-05 |",
        "| metric | value |",
        "| f1 | 81.2346 |",
    ]
