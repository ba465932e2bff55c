"""despliegue remove: list what there is of a model, and remove it, its folder too."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from functions.core.definition import MODEL_NAME
from functions.core.errors import DefinitionError, DespliegueError, NotFoundError
from functions.core.model_removal import Held, ModelRemoval
from model_export.commands.options import (
    add_models,
    add_registry,
    add_uploads,
    registry_lack,
    registry_of,
    store_of,
    uploads_of,
)
from model_export.commands.results import add_json, counted, give


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "remove",
        help="list, and with --apply remove, everything that there is of a model",
        examples=["despliegue remove rents", "despliegue remove rents --keep-folder --apply"],
    )
    parser.add_argument("model", help="name of the model; its folder may be gone already")
    add_models(parser)
    add_registry(parser)
    add_uploads(parser, "without it, with --registry they stay")
    parser.add_argument("--keep-folder", action="store_true", help="keep models/MODEL, and remove the rest")
    parser.add_argument("--apply", action="store_true", help="do it; without this option nothing changes")
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if not MODEL_NAME.fullmatch(options.model):
        raise DefinitionError(f"{options.model!r} is no name of a model")
    folder: Path = options.models / options.model
    lack = registry_lack(options)
    if lack and not folder.is_dir():
        raise DespliegueError(lack)
    if lack:
        print(lack)
    registry = registry_of(options)
    removal = ModelRemoval(registry, uploads_of(options), options.model, store_of(options))
    held = removal.held()
    goes = folder.is_dir() and not options.keep_folder
    if held.is_nothing and not goes:
        raise NotFoundError("model", options.model, registry.storage.children("models"))
    give(
        options, {"model": options.model, "applied": options.apply, **asdict(held), "folder": folder if goes else None}
    )
    parts = _listed([*_counted(held), *([f"the folder {folder}"] if goes else [])])
    if not options.apply:
        print(f"nothing was changed: --apply removes {parts}")
        return 0
    removal.remove()
    if goes:
        shutil.rmtree(folder)
    print(f"removed {parts}")
    return 0


def _counted(held: Held) -> Iterator[str]:
    """What there is, each kind with its number."""
    if held.versions:
        yield counted(held.versions, "version")
    if held.jobs:
        yield counted(held.jobs, "job")
    if held.batches:
        yield counted(held.batches, "batch", "batches")
    if held.uploads:
        yield counted(held.uploads, "uploaded file")
    if held.data:
        yield f"{counted(len(held.data), 'table')} of training rows"


def _listed(parts: Sequence[str]) -> str:
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last
