"""Files next to the weights of a checkpoint are read, or refused as damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.core.errors import CheckpointError
from model_export.question_answering.documents import read_json_object, training_arguments, training_results


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
