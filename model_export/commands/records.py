"""despliegue jobs, history and download: what was trained, what served since when, and the files of a version."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from functions.core.errors import DefinitionError
from functions.core.jobs import Job, Jobs
from functions.core.version_folder import MANIFEST
from model_export.commands.options import add_model, add_registry, definition_of, registry_of

SHOWN = 20


def add_parsers(commands: Any) -> None:
    jobs = commands.add_parser("jobs", help="list the training jobs of a model, the newest first")
    history = commands.add_parser("history", help="list what was in production, the newest first")
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
    """Print one line for each job: when, state, version, and the reason of its end."""
    jobs = Jobs(registry_of(options).storage).newest_first(definition_of(options).name, 0, options.last)
    for job in jobs.entries:
        print(f"{job.created}  {job.state:<10}  {_outcome(job)}")
    return 0


def _outcome(job: Job) -> str:
    if job.result is None:
        return f"{job.reason or job.stage}"
    served = "promoted" if job.result.promoted else "not promoted"
    return f"version {job.result.version}, {served}: {job.result.reason}"


def list_history(options: argparse.Namespace) -> int:
    """Print one line for each promotion."""
    promotions = registry_of(options).newest_promotions(definition_of(options).name, 0, options.last)
    for one in promotions.entries:
        before = f"after {one.previous}" if one.previous is not None else "the first one"
        print(f"{one.time}  version {one.version}, {before}, by {one.actor}{', pinned' if one.pinned else ''}")
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
    return 0
