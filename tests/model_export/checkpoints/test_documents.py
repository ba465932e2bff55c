"""Files next to the weights of a checkpoint are read, or refused as damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.core.errors import CheckpointError
from model_export.checkpoints.documents import (
    known_keys,
    read_json_object,
    training_arguments,
    training_results,
)
from model_export.checkpoints.families import ModelSize


def test_results_are_finite_numbers(tmp_path: Path) -> None:
    body = '{"f1": 80.5, "correct": 3, "eval_loss": NaN, "worst": -Infinity, "is_good": true, "model": "x"}'
    (tmp_path / "eval_results.json").write_text(body)
    assert training_results(tmp_path) == {"f1": 80.5, "correct": 3}


def test_a_folder_may_lack_the_files_of_its_training(tmp_path: Path) -> None:
    assert (training_arguments(tmp_path), training_results(tmp_path)) == ({}, {})


@pytest.mark.parametrize(
    ("body", "message"),
    [(None, "is missing"), ("{", "cannot be read"), ("[" * 100_000, "cannot be read"), ("[]", "is not a JSON object")],
)
def test_a_file_that_is_not_a_document_is_refused(tmp_path: Path, body: str | None, message: str) -> None:
    path = tmp_path / "model_args.json"
    if body is not None:
        path.write_text(body)
        with pytest.raises(CheckpointError, match=message):
            training_arguments(tmp_path)
    with pytest.raises(CheckpointError, match=message):
        read_json_object(path)


def test_keys_of_other_programs_are_passed_over() -> None:
    found = known_keys({"model_type": "bert", "torch_dtype": "float32"}, ModelSize, "config.json")
    assert found == ModelSize("bert")


def test_every_known_key_of_a_wrong_type_is_named_with_its_file() -> None:
    with pytest.raises(CheckpointError) as refusal:
        known_keys({"model_type": 7, "max_position_embeddings": "512"}, ModelSize, "config.json")
    assert str(refusal.value).splitlines() == [
        "config.json: model_type: text is expected, 7 was found",
        'config.json: max_position_embeddings: a whole number is expected, "512" was found',
        "correct this, or leave it out",
    ]
