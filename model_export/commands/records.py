"""despliegue jobs, history and download: what was trained, what served since when, and the files of a version."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from functions.core.errors import DefinitionError
from functions.core.jobs import Job, Jobs
from functions.core.verdicts import outcomes
from functions.core.version_folder import MANIFEST
from model_export.commands.options import add_model, add_registry, definition_of, registry_of
from model_export.commands.report import measured_line

SHOWN = 20


def add_parsers(commands: Any) -> None:
    jobs = commands.add_parser(
        "jobs", help="list the training jobs of a model, the newest first; * marks the version in production"
    )
    history = commands.add_parser(
        "history", help="list what was in production and why, the newest first; * marks what serves"
    )
    for parser, run in ((jobs, list_jobs), (history, list_history)):
        add_model(parser)
        add_registry(parser)
        parser.add_argument(
            "--last", type=int, default=SHOWN, metavar="N", help="show the newest N (default: %(default)s)"
        )
        parser.set_defaults(run=run)
    download = commands.add_parser("download", help="write the files of a version: its joblib, graph and manifest")
    add_model(download)
    download.add_argument("version", type=int, help="its number")
    download.add_argument("--to", type=Path, metavar="DIR", help="a new folder (default: MODEL-VERSION)")
    add_registry(download)
    download.set_defaults(run=download_version)


def list_jobs(options: argparse.Namespace) -> int:
    """Print one line for each job: when, state, version, and the reason of its end; * marks what is in production."""
    registry, model = registry_of(options), definition_of(options).name
    production = registry.production(model)
    for job in Jobs(registry.storage).newest_first(model, 0, options.last).entries:
        is_serving = production is not None and job.result is not None and job.result.version == production.version
        print(f"{'*' if is_serving else ' '} {job.created}  {job.state:<10}  {job.sentence}{_measured(job)}")
    return 0


def _measured(job: Job) -> str:
    return "" if job.result is None else f"  {measured_line(job.result.metrics, job.result.measured_on)}"


def list_history(options: argparse.Namespace) -> int:
    """Print one line for each promotion; * marks the one that serves."""
    registry, model = registry_of(options), definition_of(options).name
    production = registry.production(model)
    for one in registry.newest_promotions(model, 0, options.last).entries:
        before = f"after {one.previous}" if one.previous is not None else "the first one"
        pinned, reason = ", pinned" if one.pinned else "", f": {one.reason}" if one.reason else ""
        mark = "*" if one == production else " "
        print(f"{mark} {one.time}  version {one.version}, {before}, by {one.actor}{pinned}{reason}")
    return 0


def download_version(options: argparse.Namespace) -> int:
    """Write the files, each checked against its digest, and the manifest last."""
    model = definition_of(options).name
    registry = registry_of(options)
    manifest = registry.manifest(model, options.version)
    folder: Path = options.to or Path(f"{model}-{options.version}")
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise DefinitionError(f"{folder} is there already: choose another folder with --to") from None
    for name in manifest.artifacts:
        (folder / name).write_bytes(registry.artifact(manifest, name))
    (folder / MANIFEST).write_bytes(manifest.to_json())
    print(f"wrote {folder}: {', '.join(sorted([*manifest.artifacts, MANIFEST]))}")
    (outcome,) = outcomes(registry.storage, model, [manifest.version], registry.production(model))
    facts = (measured_line(manifest.metrics, manifest.measured_on), outcome.sentence)
    print("  ".join(filter(None, (f"version {manifest.version}:", *facts))))
    return 0
