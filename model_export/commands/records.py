"""despliegue jobs, history and download: what was trained, what served since when, and the files of a version."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from functions.core.errors import DefinitionError
from functions.core.history import Production
from functions.core.jobs import Job, Jobs
from functions.core.verdicts import outcomes
from functions.core.version_folder import MANIFEST
from model_export.commands.options import add_model, add_registry, definition_of, existing_registry_of
from model_export.commands.report import measured_line
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
    registry = existing_registry_of(options)
    production = registry.production(model)
    jobs = Jobs(registry.storage).newest_first(model, 0, options.last)
    records = [_job_record(job, production) for job in jobs.entries]
    give_list(options, records, if_empty=f"{model} has no jobs yet")
    return 0


def _job_record(job: Job, production: Production | None) -> Mapping[str, Any]:
    """The job as the list shows it, with a column for each key."""
    record: dict[str, Any] = {"created": job.created, "job": job.job, "state": job.state, "version": None}
    if job.result is None:
        return {**record, "in_production": None, "promoted": None, "reason": job.reason or job.stage}
    return {
        **record,
        "version": job.result.version,
        "in_production": production is not None and job.result.version == production.version,
        "promoted": job.result.promoted,
        "reason": job.result.reason,
        "metrics": job.result.metrics,
        "measured_on": job.result.measured_on.words,
    }


def list_history(options: argparse.Namespace) -> int:
    model = definition_of(options).name
    registry = existing_registry_of(options)
    production = registry.production(model)
    promotions = registry.newest_promotions(model, 0, options.last)
    records = [_promotion_record(one, in_production=one == production) for one in promotions.entries]
    give_list(options, records, if_empty=f"nothing of {model} was in production yet")
    return 0


def _promotion_record(promotion: Production, *, in_production: bool) -> Mapping[str, Any]:
    """The promotion as the list shows it, with a column for each key."""
    return {
        "time": promotion.time,
        "version": promotion.version,
        "previous": promotion.previous,
        "in_production": in_production,
        "actor": promotion.actor,
        "pinned": promotion.pinned,
        "reason": promotion.reason,
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
    (outcome,) = outcomes(registry.storage, model, [manifest.version], registry.production(model))
    facts = (measured_line(manifest.metrics, manifest.measured_on), outcome.sentence)
    print("  ".join(filter(None, (f"version {manifest.version}:", *facts))))
    give(options, {"folder": folder, "files": names, "metrics": manifest.metrics, **asdict(outcome)})
    return 0
