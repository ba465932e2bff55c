"""Small definitions of models, the folders that hold them, and what is said of their faults."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from functions.core.errors import DefinitionError
from functions.core.model_folder import load_definition

MINIMAL = """
name = "rent"
task = "tabular-regression"
[target]
name = "price"
type = "number"
[features.rooms]
type = "integer"
"""
TEXT = """
name = "rent"
task = "text-classification"
[target]
name = "tag"
type = "string"
[features.text]
type = "string"
categorical = false
"""
ANSWERS = 'name = "rent"\ntask = "question-answering"\nhub_id = "Owner/some_name.v2"\n'
PAIR = ({"question": "Who?", "context": "Somebody."},)
Write = Callable[..., Path]
SECTION = "a section of keys and values"


def with_lines(*lines: str) -> str:
    """The minimal definition with lines before its first section."""
    return MINIMAL.replace("[target]", "\n".join(lines) + "\n[target]", 1)


def refusals(folder: Path) -> list[str]:
    """The lines of the refusal, without the folder."""
    with pytest.raises(DefinitionError) as caught:
        load_definition(folder)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{folder}/") for line in lines)
    return [line.removeprefix(f"{folder}/").removeprefix("model.toml: ") for line in lines]
