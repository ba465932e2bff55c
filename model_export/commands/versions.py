"""despliegue versions and promote: list the versions of a model, and put one in production."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

from functions.core.errors import DamagedVersionError, NotFoundError, UnsupportedFormatError
from functions.core.registry import Registry
from functions.core.threads import in_threads
from functions.core.verdicts import outcomes
from model_export.commands.options import add_model, add_registry, definition_of, registry_of, user_name
from model_export.commands.report import measured_line


def add_parsers(commands: Any) -> None:
    versions = commands.add_parser("versions", help="list the versions of a model; * marks the one in production")
    add_model(versions)
    add_registry(versions)
    versions.set_defaults(run=list_versions)
    promote = commands.add_parser("promote", help="put a version in production, a newer or an older one")
    add_model(promote)
    promote.add_argument("version", type=int, help="its number")
    promote.add_argument(
        "--pin", action="store_true", help="keep it in production: training jobs do not replace a pinned version"
    )
    add_registry(promote)
    promote.set_defaults(run=promote_version)


def list_versions(options: argparse.Namespace) -> int:
    """Print one line for each version: its metrics, the rows they were measured on, and whether it was promoted."""
    registry, model = registry_of(options), definition_of(options).name
    production = registry.promotable(model).production
    versions = registry.versions(model)
    lines = in_threads(partial(_line, registry, model), versions)
    states = outcomes(registry.storage, model, versions, production)
    for version, line, outcome in zip(versions, lines, states, strict=True):
        mark = "*" if outcome.in_production else " "
        print("  ".join(filter(None, (f"{mark} {version:4d}", line, outcome.sentence))))
    return 0


def _line(registry: Registry, model: str, version: int) -> str:
    try:
        manifest = registry.manifest(model, version)
    except (NotFoundError, DamagedVersionError, UnsupportedFormatError) as error:
        return f"damaged: {error}"
    return "  ".join(filter(None, (manifest.created, measured_line(manifest.metrics, manifest.measured_on))))


def promote_version(options: argparse.Namespace) -> int:
    from functions.serving.promotion import promote_servable

    registry, model = registry_of(options), definition_of(options).name
    production = promote_servable(registry, model, options.version, actor=user_name(), pinned=options.pin)
    print(f"{model}: version {production.version} is in production, after {production.previous}: {production.reason}")
    return 0
