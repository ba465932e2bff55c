"""The first version of a model that has none: the one in its folder, or one trained on its sample."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from functions.core.definition import Definition
from functions.core.model_folder import SAMPLE
from functions.core.version_folder import BAKED, has_baked
from functions.local.child_process import AWAY_FROM_TERMINAL, training_environment
from functions.local.home import Home
from model_export.commands.report import metrics_line

SHOWN_METRICS = 2
UNSERVED = "it has no version in production yet, and predict answers 503 until it has one"


def train_on_sample(
    definition: Definition, environment: Mapping[str, str], registry: Path | None = None, *, is_quiet: bool = False
) -> bool:
    """Train in `registry`, else in the laptop's own; returns True if the version may serve.

    It runs in its own process, so that the caller never loads the libraries of training. Errors are printed; with
    `is_quiet` nothing else is.
    """
    command = [sys.executable, "-m", "model_export.commands.main", "train", definition.name]
    command += ["--models", str(definition.folder.parent)]
    if registry is not None:
        command += ["--registry", str(registry)]
    if is_quiet:
        environment = {**environment, "PYTHONIOENCODING": "utf-8"}
    # Else it inherits standard output and error, so that its progress is seen while it works.
    kept: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT} if is_quiet else {}
    done = subprocess.run(command, check=False, env=environment, **kept, **AWAY_FROM_TERMINAL)  # noqa: S603
    if done.returncode != 0 and is_quiet:
        print(f"\n{done.stdout.decode(errors='replace')}", end="", file=sys.stderr, flush=True)
    return done.returncode == 0


def fill_absent(home: Home, definitions: Mapping[str, Definition], *, is_quiet: bool) -> None:
    """Give each model without a version its first one: from its folder, else trained on its sample."""
    absent = [model for model in definitions.values() if home.registry.promotable(model.name).etag is None]
    for definition in absent:
        if has_baked(definition.folder):
            print(f"{definition.name}: {_import(home, definition)}", flush=True)
        elif (definition.folder / SAMPLE).is_file():
            beginning = f"{definition.name}: nothing in production yet, training on its sample"
            print(beginning, end=" ... " if is_quiet else "\n", flush=True)
            is_served = train_on_sample(definition, training_environment(), is_quiet=is_quiet)
            if is_served and is_quiet:
                print(_trained(home, definition), flush=True)
            elif not is_served:
                print(f"{definition.name}: {UNSERVED}")


def _trained(home: Home, definition: Definition) -> str:
    """The version in production with its first metrics, for the end of a line."""
    manifest = home.registry.production_manifest(definition.name)
    if manifest is None:
        return UNSERVED
    return f"version {manifest.version}: {metrics_line(dict(islice(manifest.metrics.items(), SHOWN_METRICS)))}"


def _import(home: Home, definition: Definition) -> str:
    """Import the version in a model's folder; returns the outcome in words, and never fails the others."""
    from functions.serving.promotion import UnservableError, import_and_promote

    try:
        manifest = import_and_promote(home.registry, definition.name, definition.folder / BAKED)
    except UnservableError as error:
        return f"{error}; {UNSERVED}"
    return f"version {manifest.version} is the one that comes with its folder"
