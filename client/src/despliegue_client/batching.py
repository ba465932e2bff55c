"""Batches: rows or a file sent, followed to the end, and what came out put together."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from despliegue_client.api import PAGE_SIZE, Api, model_path
from despliegue_client.errors import BatchError, Fault, UnsendableError
from despliegue_client.exchange import Operation, Record
from despliegue_client.sources import FileSource, RowSource, Source, source_of, unless_too_large
from despliegue_client.tables import Frame, Predictions
from despliegue_client.waiting import followed

Output = Literal["jsonl", "csv", "parquet"]
LinkKind = Literal["results", "errors"]
UNFINISHED = ("waiting", "planned", "running")


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """What the API makes of the rows: see POST /models/{model}/batches.

    `id` None is the id of the model. `lookup` None stores the predictions of a file with ids, and not those of rows in
    memory.
    """

    output: Output = "jsonl"
    id: str | None = None
    lookup: bool | None = None
    keep_columns: bool = False
    measure: bool = False


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What a batch came to.

    `predictions` is a frame with the index of the one that was sent, or a list in the order of the rows, with None for
    a refused row; for a file the predictions are in `file`, and it is None. `refused` are the faults of rows, at
    ("line", LINE, COLUMN).
    """

    batch: Record
    predictions: Predictions | Frame | None = field(default=None, repr=False)
    file: Path | None = None
    refused: tuple[Fault, ...] = ()


def start_batch(api: Api, model: str, data: Source, options: BatchOptions, *, key: str | None) -> Operation[Record]:
    """The batch as it began; its file is sent."""
    return (yield from _started(api, model, source_of(data), options, key))


def batch(
    api: Api, model: str, data: Source, to: str | os.PathLike[str] | None, options: BatchOptions, *, key: str | None
) -> Operation[BatchOutcome]:
    """The outcome. Raises BatchError unless every row was read, ApiError, UnsendableError.

    A place where no file can be written is refused before the batch begins.
    """
    source = source_of(data)
    target = None if to is None else Path(to)
    if isinstance(source, FileSource) and target is None:
        target = source.path.with_name(f"{source.path.name}.predictions.{options.output}")
    if target is None and options.output != "jsonl":
        raise UnsendableError(f"output {options.output!r} is of a file: say where it goes, by to=")
    if target is not None:
        _require_place(target)
    begun = yield from _started(api, model, source, options, key)
    ended = yield from batch_end(api, model, begun["batch"])
    if target is not None:
        yield from save_results(api, model, begun["batch"], target)
    refused = yield from refused_rows(api, model, begun["batch"])
    predictions = None
    if isinstance(source, RowSource) and target is None:
        predictions = yield from _predictions(api, model, ended, source)
    return BatchOutcome(ended, predictions, target, refused)


def batch_details(api: Api, model: str, batch: str, page: int = 1) -> Operation[Record]:
    return (yield from api.get(model_path(model, "batches", batch), page=page, page_size=PAGE_SIZE))


def batch_end(api: Api, model: str, batch: str) -> Operation[Record]:
    """The batch as it ended, each change of its progress reported. Raises BatchError unless it succeeded."""

    def look() -> Operation[Record]:
        details = yield from batch_details(api, model, batch)
        # links are signed again for each answer, and are no progress
        return {name: value for name, value in details.items() if name not in ("results", "errors")}

    ended = yield from followed(look, UNFINISHED)
    if ended["state"] != "succeeded":
        raise BatchError(ended)
    return ended


def save_results(api: Api, model: str, batch: str, to: str | os.PathLike[str]) -> Operation[Path]:
    """Write all results into one file, compressed if its name ends in .gz. It is there whole or not at all."""
    target = Path(to)
    _require_place(target)
    partial = target.with_name(f"{target.name}.partial")
    is_packed = target.suffix == ".gz"
    try:
        with partial.open("wb") as file:
            yield from _each_file(
                api,
                model,
                batch,
                "results",
                lambda content: file.write(gzip.compress(content) if is_packed else content),
            )
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def _require_place(target: Path) -> None:
    """Raise UnsendableError unless a file can be written there."""
    if not os.path.isdir(target.parent):
        raise UnsendableError(f"{target}: there is no folder {target.parent}: make it first")
    if os.path.isdir(target):
        raise UnsendableError(f"{target}: is a folder: name a file in it")
    if not os.access(target.parent, os.W_OK):
        raise UnsendableError(f"{target}: the folder {target.parent} may not be written to")


def refused_rows(api: Api, model: str, batch: str) -> Operation[tuple[Fault, ...]]:
    """The faults of the rows that have no prediction."""
    found: list[Fault] = []
    yield from _each_file(api, model, batch, "errors", lambda content: found.extend(map(_fault, _lines(content))))
    return tuple(found)


def _started(
    api: Api, model: str, source: FileSource | RowSource, options: BatchOptions, key: str | None
) -> Operation[Record]:
    path, chosen = model_path(model, "batches"), asdict(options)
    if isinstance(source, RowSource) and options.lookup is None:
        # the default of the server differs for instances and a file, which rows become where they are many
        chosen["lookup"] = False
    limits = yield from api.limits_of(model)
    own_key = key or uuid4().hex
    if isinstance(source, RowSource) and source.fits(limits["max_payload_bytes"]):
        head = json.dumps(chosen)[:-1].encode()
        body = head + b',"instances":' + source.table.body() + b"}"
        begun = yield from unless_too_large(api.change("POST", path, body, key=own_key))
        if begun is not None:
            return begun
    answered = yield from api.change("POST", path, {**chosen, "file_name": source.name}, key=own_key)
    if "fields" not in answered:  # a request under this key came before, and its batch has read the file
        return answered
    yield from api.upload(answered, source.form_file(answered))
    return (yield from batch_details(api, model, answered["batch"]))


def _predictions(api: Api, model: str, ended: Record, source: RowSource) -> Operation[Predictions | Frame]:
    count = len(source.table.rows)
    found: list[Any] = [None] * count
    warnings: list[list[Fault]] = [[] for _ in range(count)]

    def take(content: bytes) -> None:
        for entry in _lines(content):
            # instances and JSON Lines count from 1
            found[entry["line"] - 1] = entry["prediction"]
            warnings[entry["line"] - 1] = list(map(Fault.of, entry.get("warnings", ())))

    yield from _each_file(api, model, ended["batch"], "results", take)
    return source.table.answered(Predictions(found, warnings, [ended["version"]]))


def _each_file(api: Api, model: str, batch: str, kind: LinkKind, take: Callable[[bytes], object]) -> Operation[None]:
    """Hand over the unpacked files of a kind, in order. A page of links is asked for when its turn comes: links end."""
    done, page = 0, 1
    while True:
        details = yield from batch_details(api, model, batch, page)
        links = details[kind]
        for link in links["links"]:
            content = yield from api.download(link["url"])
            take(_unpacked(content))
        done, page = done + len(links["links"]), page + 1
        if done >= links["total"] or not links["links"]:
            return


def _unpacked(content: bytes) -> bytes:
    """Files are gzip, but for Parquet; a server or its proxy may have unpacked them on the way."""
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


def _lines(content: bytes) -> Iterator[Record]:
    return map(json.loads, content.splitlines())


def _fault(entry: Record) -> Fault:
    column = [] if entry["column"] is None else [entry["column"]]
    return Fault(("line", entry["line"], *column), entry["msg"], entry["type"])
