"""despliegue forget: list the rows of a person in the training data and the uploads of a model, and remove them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from typing import Any

from functions.core.batch_forgetting import BatchForgetting, FoundInBatches
from functions.core.batch_record import Batch
from functions.core.batches import Batches
from functions.core.definition import Definition
from functions.core.errors import ConflictError, DefinitionError, InvalidInputError
from functions.core.forgetting import Forgetting, Found, TrainedOn, Unsearched
from functions.core.machine_memory import trainer_memory_bytes
from functions.core.model_folder import SAMPLE
from functions.core.registry import Registry
from functions.core.storage import Storage
from functions.core.training_memory import training_limit
from model_export.commands.options import (
    add_model,
    add_registry,
    add_uploads,
    definition_of,
    existing_registry_of,
    store_of,
    uploads_of,
)
from model_export.commands.results import add_json, counted, give

LEFT_TO_DO = 3
"""The exit code for rows that the command could not search, or that it leaves to a person."""
REFLECTED = (
    "Their models reflect these rows, and a manifest may show values of them (levels, ranges), until they are removed: "
    "train again, then `despliegue prune` or `despliegue remove`."
)
UNSEARCHED = (
    "Without ids nobody can tell whose rows these are: train again on a file with the column {id} and `despliegue "
    "prune` the old versions, or `despliegue remove {model}`."
)


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "forget",
        help="list, and with --apply remove, the rows of a person",
        description="List, and with --apply remove, the rows of a person from the stored training data and the "
        "uploaded files of a model, with the older versions that a bucket keeps of them. It says which versions were "
        "trained on them.",
        examples=["despliegue forget churn --id 7590-VHVEG", "despliegue forget churn --id 7590-VHVEG --apply"],
        epilog="exit codes: 0 all is searched, and with --apply removed; 1 an error, or an unfinished job has such "
        "rows: run it again when the job has ended; 2 wrong usage; 3 the rest is done, and what is listed last is "
        "left to you",
    )
    add_model(parser)
    parser.add_argument("--id", required=True, metavar="VALUE", help="the person's id, in the id column of the model")
    add_registry(parser)
    add_uploads(parser, "without it, with --registry they are not searched")
    parser.add_argument("--apply", action="store_true", help="do it; without this option nothing changes")
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    definition = definition_of(options)
    value: str = options.id.strip()
    if definition.schema.id is None:
        raise DefinitionError(f"{definition.name} has no id in its model.toml, so nobody can tell whose rows it has")
    if not value:
        raise DefinitionError("--id is empty")
    uploads = uploads_of(options)
    rows_in_file = partial(_rows_in_file, definition=definition, value=value)
    registry = existing_registry_of(options)
    forgetting = Forgetting(registry, uploads, definition.name, value, rows_in_file)
    batches = (
        None
        if uploads is None
        else BatchForgetting(
            registry.storage,
            uploads,
            store_of(options),
            definition,
            value,
            rows_in_file,
            partial(_write_table, registry, uploads),
        )
    )
    found, in_batches = forgetting.plan(), FoundInBatches() if batches is None else batches.plan()
    _print([*_listed(found), *_listed_of_batches(in_batches)])
    if options.apply:
        forgetting.carry_out(found)
        if batches is not None:
            batches.carry_out(in_batches)
    _require_nothing_in_the_way(found, in_batches)
    print(_outcome(found, in_batches, is_applied=options.apply))
    left = [*_left_to_do(found, definition), *_unread(in_batches, definition), *_in_sample(definition, value)]
    left += [
        f"{key} has {count} such rows: remove them where it is made" for key, count in in_batches.scheduled.items()
    ]
    if uploads is None:
        left.append("uploaded files were not searched: name them by --uploads")
    _print(left)
    give(options, {"applied": options.apply, **asdict(found), "batches": asdict(in_batches), "left": left})
    return LEFT_TO_DO if left else 0


def _rows_in_file(body: bytes, file_name: str, *, definition: Definition, value: str) -> int | None:
    from model_export.training_files.id_cells import rows_with_id
    from model_export.training_files.rows import read_sheet

    limit = training_limit(definition.limits, trainer_memory_bytes())
    try:
        return rows_with_id(read_sheet(body, file_name, limit), definition, value)
    except InvalidInputError:
        return None


def _write_table(registry: Registry, uploads: Storage, batch: Batch) -> None:
    from model_export.batch_files.stages import BatchStages

    BatchStages(Batches(registry.storage, uploads), registry, uploads).write_table(batch)


def _listed(found: Found) -> Iterator[str]:
    yield from map(_trained_on, found.versions)
    if found.versions:
        yield REFLECTED
    yield from (f"{counted(count, 'row')} in {key}" for key, count in found.files.items())


def _listed_of_batches(found: FoundInBatches) -> Iterator[str]:
    yield from (f"{counted(count, 'row')} in {key}" for key, count in {**found.inputs, **found.parts}.items())
    yield from (f"{key} may quote such a row" for key in found.errors)
    yield from (f"{key} may have the true value of such a row" for key in found.truths)
    yield from (f"a stored prediction of batch {batch}" for batch in found.stored)


def _require_nothing_in_the_way(found: Found, in_batches: FoundInBatches) -> None:
    if found.blocking:
        raise ConflictError(f"unfinished jobs have these rows, or may: {', '.join(found.blocking)}; run again later")
    if in_batches.blocking:
        raise ConflictError(f"unfinished batches have these rows: {', '.join(in_batches.blocking)}; run again later")


def _trained_on(one: TrainedOn) -> str:
    served = ", which is in production," if one.in_production else ""
    shown = "; the example in its manifest is like one of them" if one.is_example else ""
    return f"version {one.version}{served} was trained on {one.rows} such rows{shown}"


def _outcome(found: Found, in_batches: FoundInBatches, *, is_applied: bool) -> str:
    files = len(found.files) + len(in_batches.inputs)
    results = len(in_batches.parts) + len(in_batches.stored)
    rows = (
        f"these rows from {counted(len(found.tables), 'table')} of training rows, {counted(files, 'uploaded file')} "
        f"and {counted(results, 'result')} of batches"
    )
    is_nothing = found.is_nothing and in_batches.is_nothing
    if not is_applied:
        return "no such rows were found" if is_nothing else f"nothing was changed: --apply removes {rows}"
    if is_nothing:
        return "no such rows were found; what an earlier run had begun is done"
    return f"removed {rows}"


def _left_to_do(found: Found, definition: Definition) -> Iterator[str]:
    yield from map(_unsearched, found.unsearched)
    if found.unsearched:
        yield UNSEARCHED.format(id=definition.schema.id, model=definition.name)
    yield from _unread(found, definition)


def _unread(found: Found | FoundInBatches, definition: Definition) -> Iterator[str]:
    for key in found.unread:
        yield f"{key} has rows without a readable {definition.schema.id}, and was not searched: look into it"


def _unsearched(one: Unsearched) -> str:
    rows = "no ids are known of the rows" if one.rows is None else f"no id is known of {one.rows} rows"
    return f"{rows} of version {one.version}"


def _in_sample(definition: Definition, value: str) -> Iterator[str]:
    """A line on the model's own sample, which is a part of its source."""
    path = definition.folder / SAMPLE
    count = _rows_in_file(path.read_bytes(), path.name, definition=definition, value=value) if path.is_file() else 0
    if count:
        yield f"{path} has {count} such rows: remove them there, and build again what was built from it"


def _print(lines: Any) -> None:
    for line in lines:
        print(line)
