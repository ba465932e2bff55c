"""What a model says of itself before it is loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from functions.core.errors import CheckpointError
from model_export.fine_tuning.base import longest_input_of

BERT = {"model_type": "bert", "max_position_embeddings": 512, "pad_token_id": 0}
ROBERTA = {"model_type": "roberta", "max_position_embeddings": 514, "pad_token_id": 1}


@pytest.mark.parametrize(
    ("config", "overrides", "longest"),
    [
        (BERT, {}, 512),
        (ROBERTA, {}, 512),
        ({**ROBERTA, "model_type": "longformer", "max_position_embeddings": 4098}, {}, 4096),
        (BERT, {"max_position_embeddings": 64}, 64),
        ({"model_type": "bert"}, {}, None),
        ({**BERT, "max_position_embeddings": None}, {}, None),
    ],
)
def test_the_longest_input_is_that_of_the_configuration(
    tmp_path: Path, config: dict[str, Any], overrides: dict[str, Any], longest: int | None
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert longest_input_of(str(tmp_path), overrides) == longest
    assert longest_input_of(str(tmp_path / "config.json"), overrides) == longest


def test_of_a_model_of_the_hub_nothing_is_known_here() -> None:
    assert longest_input_of("owner/name", {}) is None


@pytest.mark.parametrize(
    ("content", "message"), [(None, "is missing"), ("{", "cannot be read"), ("[]", "holds no object")]
)
def test_a_configuration_that_cannot_be_read_is_told(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content, encoding="utf-8")
    with pytest.raises(CheckpointError, match=message):
        longest_input_of(str(tmp_path), {})
