"""despliegue jobs, history and download: what was trained, what served since when, and the files of a version."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from functions.core.errors import DefinitionError
from functions.core.history import Production
from functions.core.jobs import Job, Jobs
from functions.core.version_folder import MANIFEST
from model_export.commands.options import add_model, add_registry, definition_of, existing_registry_of
from model_export.commands.results import add_json, give, give_list

SHOWN = 20


def add_parsers(commands: Any) -> None:
    jobs = commands.add_parser(
        "jobs",
        help="list the training jobs of a model, the newest first",
        examples=["despliegue jobs churn", "despliegue jobs churn --last 1 --json"],
    )
    history = commands.add_parser(
        "history",
        help="list what was in production, the newest first",
        examples=["despliegue history churn", "despliegue history churn --last 5"],
    )
    for parser, run in ((jobs, list_jobs), (history, list_history)):
        add_model(parser)
        add_registry(parser)
        parser.add_argument(
            "--last", type=int, default=SHOWN, metavar="N", help="show the newest N (default: %(default)s)"
        )
        add_json(parser)
        parser.set_defaults(run=run)
    download = commands.add_parser(
        "download",
        help="write the files of a version: its joblib, graph and manifest",
        examples=["despliegue download churn 1", "despliegue download churn 1 --to /tmp/churn"],
    )
    add_model(download)
    download.add_argument("version", type=int, help="its number")
    download.add_argument("--to", type=Path, metavar="DIR", help="a new folder (default: MODEL-VERSION)")
    add_registry(download)
    add_json(download)
    download.set_defaults(run=download_version)


def list_jobs(options: argparse.Namespace) -> int:
    model = definition_of(options).name
    jobs = Jobs(existing_registry_of(options).storage).newest_first(model, 0, options.last)
    give_list(options, list(map(_job_record, jobs.entries)), if_empty=f"{model} has no jobs yet")
    return 0


def _job_record(job: Job) -> Mapping[str, Any]:
    """The job as the list shows it, with a column for each key."""
    return {
        "created": job.created,
        "job": job.job,
        "state": job.state,
        "version": job.result.version if job.result else None,
        "promoted": job.result.promoted if job.result else None,
        "reason": job.reason or (job.result.reason if job.result else job.stage),
    }


def list_history(options: argparse.Namespace) -> int:
    model = definition_of(options).name
    promotions = existing_registry_of(options).newest_promotions(model, 0, options.last)
    records = [_promotion_record(one) for one in promotions.entries]
    give_list(options, records, if_empty=f"nothing of {model} was in production yet")
    return 0


def _promotion_record(promotion: Production) -> Mapping[str, Any]:
    """The promotion as the list shows it, with a column for each key."""
    return {
        "time": promotion.time,
        "version": promotion.version,
        "previous": promotion.previous,
        "actor": promotion.actor,
        "pinned": promotion.pinned,
    }


def download_version(options: argparse.Namespace) -> int:
    """Write the files, each checked against its digest, and the manifest last."""
    model = definition_of(options).name
    registry = existing_registry_of(options)
    manifest = registry.manifest(model, options.version)
    folder: Path = options.to or Path(f"{model}-{options.version}")
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise DefinitionError(f"{folder} is there already: choose another folder with --to") from None
    for name in manifest.artifacts:
        (folder / name).write_bytes(registry.artifact(manifest, name))
    (folder / MANIFEST).write_bytes(manifest.to_json())
    names = sorted([*manifest.artifacts, MANIFEST])
    print(f"wrote {folder}: {', '.join(names)}")
    give(options, {"folder": folder, "files": names})
    return 0
