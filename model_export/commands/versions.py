"""despliegue versions and promote: list the versions of a model, and put one in production."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from functions.core.errors import DamagedVersionError, NotFoundError, UnsupportedFormatError
from functions.core.registry import Registry
from functions.core.threads import in_threads
from functions.core.verdicts import Outcome, outcomes
from model_export.commands.options import add_model, add_registry, definition_of, existing_registry_of, user_name
from model_export.commands.results import add_json, give, give_list


def add_parsers(commands: Any) -> None:
    versions = commands.add_parser(
        "versions",
        help="list the versions of a model, and say which is in production",
        examples=["despliegue versions churn", "despliegue versions churn --json"],
    )
    add_model(versions)
    add_registry(versions)
    add_json(versions)
    versions.set_defaults(run=list_versions)
    promote = commands.add_parser(
        "promote",
        help="put a version in production, a newer or an older one",
        examples=["despliegue promote churn 1", "despliegue promote churn 1 --pin"],
    )
    add_model(promote)
    promote.add_argument("version", type=int, help="its number")
    promote.add_argument(
        "--pin", action="store_true", help="keep it in production: training jobs do not replace a pinned version"
    )
    add_registry(promote)
    add_json(promote)
    promote.set_defaults(run=promote_version)


def list_versions(options: argparse.Namespace) -> int:
    model = definition_of(options).name
    registry = existing_registry_of(options)
    production = registry.promotable(model).production
    versions = registry.versions(model)
    records = in_threads(partial(_record, registry, model), versions)
    states = outcomes(registry.storage, model, versions, production)
    listed = [_with_state(record, outcome) for record, outcome in zip(records, states, strict=True)]
    give_list(options, listed, if_empty=f"{model} has no versions yet: `despliegue train {model}` makes one")
    return 0


def _record(registry: Registry, model: str, version: int) -> Mapping[str, Any]:
    """The version as the list shows it, with a column for each key."""
    record: dict[str, Any] = {"version": version}
    try:
        manifest = registry.manifest(model, version)
    except (NotFoundError, DamagedVersionError, UnsupportedFormatError) as error:
        return {**record, "damaged": str(error)}
    measured = {"metrics": manifest.metrics, "measured_on": manifest.measured_on.words}
    return {**record, "created": manifest.created, **measured}


def _with_state(record: Mapping[str, Any], outcome: Outcome) -> Mapping[str, Any]:
    state = {"in_production": outcome.in_production, "promoted": outcome.promoted}
    return {"version": record["version"], **state, **record, "reason": outcome.reason}


def promote_version(options: argparse.Namespace) -> int:
    from functions.serving.promotion import promote_servable

    model = definition_of(options).name
    registry = existing_registry_of(options)
    production = promote_servable(registry, model, options.version, actor=user_name(), pinned=options.pin)
    print(f"{model}: version {production.version} is in production, after {production.previous}: {production.reason}")
    give(options, {"model": model, **asdict(production)})
    return 0
