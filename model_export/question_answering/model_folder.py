"""Model folder of an exported checkpoint: model.toml and examples.json."""

from __future__ import annotations

import json
from pathlib import Path

from functions.core.definition import MODEL_NAME, Definition
from functions.core.errors import DefinitionError
from functions.core.model_folder import EXAMPLES, load_definition

TASK = "question-answering"
QUESTION_EXAMPLES = (
    {
        "question": "¿Hasta cuándo se puede pedir la beca?",
        "context": (
            "La beca de transporte paga el abono mensual del autobús. Se puede pedir hasta el 15 de octubre, en la "
            "secretaría del centro o por correo, y se cobra en enero."
        ),
    },
)


def find_folder(models: Path, name: str) -> Path:
    """The folder for a model of that name; if it exists, it is one for question answering.

    Raises DefinitionError for a bad name, or a folder of another task.
    """
    if not MODEL_NAME.fullmatch(name):
        raise DefinitionError(f"{name!r} is not a name for a model: use up to 40 lower-case letters, digits, hyphens")
    folder = models / name
    if folder.exists() and (task := load_definition(folder).task) != TASK:
        raise DefinitionError(f"{folder} is there already, for {task}: choose another --name")
    return folder


def prepare_folder(folder: Path, hub_id: str | None) -> Definition:
    """The definition in a folder from `find_folder`, which is written first if it does not exist."""
    if not folder.exists():
        folder.mkdir(parents=True)
        examples = json.dumps(QUESTION_EXAMPLES, ensure_ascii=False, indent=2)
        (folder / EXAMPLES).write_text(f"{examples}\n", encoding="utf-8")
        (folder / "model.toml").write_text(_document(folder.name, hub_id), encoding="utf-8")
    return load_definition(folder)


def _document(name: str, hub_id: str | None) -> str:
    lines = [
        "# Written by `despliegue export-qa`. docs/models.md explains every key.",
        f'name = "{name}"',
        f'task = "{TASK}"',
        'description = "Answers a question with a part of the text that is sent along."',
        "retrainable = false",
        *([f'hub_id = "{hub_id}"'] if hub_id else []),
    ]
    return "\n".join(lines) + "\n"
