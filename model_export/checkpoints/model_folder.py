"""Model folder of an exported checkpoint: model.toml and examples.json."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from functions.core.definition import MODEL_NAME, Definition
from functions.core.errors import DefinitionError
from functions.core.model_folder import EXAMPLES, load_definition
from functions.core.tasks import ModelKind, Task

QUESTION_EXAMPLES = (
    {
        "question": "¿Hasta cuándo se puede pedir la beca?",
        "context": (
            "La beca de transporte paga el abono mensual del autobús. Se puede pedir hasta el 15 de octubre, en la "
            "secretaría del centro o por correo, y se cobra en enero."
        ),
    },
)


LABELLED_EXAMPLES = ({"text": "La atención fue rápida y muy amable: lo recomiendo."},)


@dataclass(frozen=True, slots=True)
class Drafted:
    """What the model folder of a checkpoint has by its task."""

    description: str
    examples: Sequence[Mapping[str, str]]
    sections: tuple[str, ...] = ()
    kind: ModelKind | None = None


DRAFTS: Mapping[Task, Drafted] = {
    "question-answering": Drafted("Answers a question with a part of the text that is sent along.", QUESTION_EXAMPLES),
    "text-classification": Drafted(
        "Labels a text.",
        LABELLED_EXAMPLES,
        (
            "",
            "[target]",
            'name = "label"',
            'type = "string"',
            "",
            "[features.text]",
            'type = "string"',
            "categorical = false",
        ),
        kind="checkpoint",
    ),
}


def find_folder(models: Path, name: str) -> Path:
    """The folder for a model of that name; raises DefinitionError for a bad name."""
    if not MODEL_NAME.fullmatch(name):
        raise DefinitionError(f"{name!r} is not a name for a model: use up to 40 lower-case letters, digits, hyphens")
    return models / name


def require_task(folder: Path, task: Task) -> None:
    """Raise DefinitionError for a model folder that exists, and is not one for a checkpoint of that task."""
    if not folder.exists():
        return
    definition = load_definition(folder)
    if (definition.task, definition.model_kind) != (task, "checkpoint"):
        raise DefinitionError(
            f"{folder} is there already, for {definition.task} by a {definition.model_kind}: choose another --name"
        )


def prepare_folder(folder: Path, task: Task, hub_id: str | None) -> Definition:
    """The definition in a folder from `find_folder`, which is written first if it does not exist."""
    if not folder.exists():
        folder.mkdir(parents=True)
        examples = json.dumps(DRAFTS[task].examples, ensure_ascii=False, indent=2)
        (folder / EXAMPLES).write_text(f"{examples}\n", encoding="utf-8", newline="\n")
        (folder / "model.toml").write_text(_document(folder.name, task, hub_id), encoding="utf-8", newline="\n")
    return load_definition(folder)


def _document(name: str, task: Task, hub_id: str | None) -> str:
    draft = DRAFTS[task]
    lines = [
        "# Written by `despliegue export-hf`. docs/models.md explains every key.",
        f'name = "{name}"',
        f'task = "{task}"',
        *([f'kind = "{draft.kind}"'] if draft.kind else []),
        f'description = "{draft.description}"',
        "retrainable = false",
        *([f'hub_id = "{hub_id}"'] if hub_id else []),
        *draft.sections,
    ]
    return "\n".join(lines) + "\n"
