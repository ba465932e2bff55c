"""despliegue models: list the models of the folder, and what serves each."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from functions.core.definition import Definition
from functions.core.errors import DamagedRecordError, DamagedVersionError, UnsupportedFormatError
from functions.core.registry import Registry
from model_export.commands.options import add_models, add_registry, definitions_of, existing_registry_of
from model_export.commands.results import add_json, give_list


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "models",
        help="list the models, with the version of each in production",
        description="List the models of the folder, with the version of each in production and its metrics.",
        examples=["despliegue models", "despliegue models --registry s3://bucket/prefix --json"],
    )
    add_models(parser)
    add_registry(parser)
    add_json(parser)
    parser.set_defaults(run=list_models)


def list_models(options: argparse.Namespace) -> int:
    definitions = definitions_of(options)
    registry = existing_registry_of(options)
    records = [_record(registry, definition) for definition in definitions.values()]
    give_list(options, records, if_empty="no models yet: `despliegue new` makes one")
    return 0


def _record(registry: Registry, definition: Definition) -> Mapping[str, Any]:
    record: dict[str, Any] = {"model": definition.name, "task": definition.task, "version": None, "created": None}
    try:
        manifest = registry.production_manifest(definition.name)
    except (DamagedRecordError, DamagedVersionError, UnsupportedFormatError) as error:
        return {**record, "damaged": str(error)}
    if manifest is not None:
        record |= {"version": manifest.version, "created": manifest.created, "metrics": manifest.metrics}
    return record
