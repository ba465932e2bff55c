"""despliegue predict: predict a file of rows of any size, by several processes, into a folder."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from functions import SERVICE
from model_export.commands.options import add_model, add_registry, definition_of, existing_registry_of, user_name
from model_export.commands.results import INTERRUPTED, add_json, give

if TYPE_CHECKING:
    from functions.core.batch_record import Batch, Plan, ShardResult
    from functions.core.batches import Batches
    from functions.core.definition import Definition
    from functions.local.batch_folder import BatchFolder
    from functions.local.late_stages import LateStages

FORMATS = ("jsonl", "csv", "parquet")
NO_COMPRESSION = 0
"""The parts are unpacked a moment later, when they are joined."""


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "predict",
        help="predict a file of rows into a folder, by several processes",
        examples=[
            "despliegue predict churn customers.csv",
            "despliegue predict churn rows.jsonl --format csv --out results",
        ],
    )
    add_model(parser)
    parser.add_argument("file", type=Path, help="rows to predict: .csv, .jsonl or .json, also in gzip, or .parquet")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="folder of the results (default: FILE-predictions)")
    parser.add_argument("--format", choices=FORMATS, default="jsonl", help="form of the predictions (default: jsonl)")
    parser.add_argument("--version", type=int, metavar="N", help="version that predicts (default: in production)")
    parser.add_argument("--processes", type=_positive, metavar="N", help="processes at work (default: one a processor)")
    parser.add_argument("--id", metavar="COLUMN", help="column of ids, written beside each prediction")
    parser.add_argument("--keep-columns", action="store_true", help="write all columns of the file as well")
    add_registry(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Predict the file, or go on with it after an interruption; returns 1 if some rows have no result yet."""
    from functions.core.batches import Batches
    from functions.core.processors import processor_count
    from functions.local.batch_folder import BatchFolder, FolderRequest
    from functions.local.batch_pool import BatchPool
    from functions.local.late_stages import LateStages

    definition, registry = definition_of(options), existing_registry_of(options)
    folder = BatchFolder(options.out or Path(f"{options.file.name.partition('.')[0]}-predictions"))
    request = FolderRequest(
        definition.name,
        options.file,
        options.format,
        options.version,
        options.id or definition.schema.id,
        options.keep_columns,
    )
    batches = Batches(folder.storage, folder.storage)
    batch, _ = batches.create(folder.batch(request, user_name()))
    try:
        stages = LateStages(batches, registry, folder.storage)
        batch = _planned(batches, batch, stages, definition, options.version)
        if batch.plan is not None:
            progress = _Progress(batch.plan, sum(one.done + one.refused for one in batches.results(batch)))
            BatchPool(
                registry,
                folder.storage,
                processes=options.processes or processor_count(),
                on_shard=progress.report,
                records=folder.storage,
                compression=NO_COMPRESSION,
                complete=stages.complete,
            ).run(batch)
    except KeyboardInterrupt:
        print(f"\n{SERVICE}: stopped; the same command goes on from here", file=sys.stderr)
        return INTERRUPTED
    return _ended(options, folder, batches.read(batch.model, batch.batch))


def _planned(batches: Batches, batch: Batch, stages: LateStages, definition: Definition, version: int | None) -> Batch:
    """The batch with its plan, ready to run what has no result yet. Raises InvalidInputError."""
    from functions.batches.plain_file import NotPlainError
    from functions.batches.planning import Planner

    if batch.result is not None and batch.result.state != "succeeded":
        done = len(batches.done_numbers(batch))
        batch = batches.change(batch.model, batch.batch, lambda one: one.begun_again(done))
    planner = Planner(batches, stages.registry, batches.files)
    try:
        return planner.planned(batch, definition, version=version)
    except NotPlainError as error:
        print(f"{SERVICE}: the file is read by the rules for training files, as a whole: {error}", file=sys.stderr)
        stages.convert(batch, definition, version=version)
        return planner.planned(batch, definition, version=version)


def _ended(options: argparse.Namespace, folder: BatchFolder, batch: Batch) -> int:
    result = batch.result
    if result is None or result.state != "succeeded":
        reason = "it did not end" if result is None else result.reason
        print(f"{SERVICE}: {reason}; the log above says why, and the same command tries again", file=sys.stderr)
        return 1
    predictions, errors = folder.join(batch, result)
    print(f"{result.done} rows predicted: {predictions}")
    counts = {"predicted": result.done, "refused": result.refused}
    give(options, {"model": batch.model, **counts, "predictions": predictions, "errors": errors})
    if errors is not None:
        print(f"{result.refused} rows refused, each with its line and the reason: {errors}")
    return 0


class _Progress:
    """Lines on stderr: the rows that are done, how many a second, and an estimate of the rest."""

    def __init__(self, plan: Plan, before: int) -> None:
        """`before` is the number of rows that were done before."""
        self._total = plan.rows
        self._done = self._before = before
        self._started = time.monotonic()
        self._end = "\r" if sys.stderr.isatty() else "\n"
        beginning = f", {before} of them done before" if before else ""
        for note in plan.notes:
            print(f"{SERVICE}: {note}", file=sys.stderr)
        print(f"{SERVICE}: version {plan.version} predicts {plan.rows} rows{beginning}", file=sys.stderr)

    def report(self, ended: ShardResult) -> None:
        self._done += ended.done + ended.refused
        speed = (self._done - self._before) / max(time.monotonic() - self._started, 1e-3)
        left = (self._total - self._done) / speed if speed else 0
        text = f"{self._done} of {self._total} rows, {speed:.0f} rows/s, {left:.0f} s left"
        print(f"{text:<70}", end=self._end, file=sys.stderr, flush=True)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("a number from 1 on")
    return number
