"""Removal of a person's rows from the training data and the uploads of a model.

A table that has such rows gives way to one without them, and a record leads to it from the digest that manifests name.
What is removed is gone at once, older versions of the objects too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import compress
from typing import Any

from functions.core import training_data
from functions.core.clock import now
from functions.core.errors import ConflictError, DamagedVersionError
from functions.core.jobs import Job, Jobs
from functions.core.manifest import Manifest
from functions.core.registry import Registry
from functions.core.row_ids import RowIds, store_ids, stored_ids, with_ids
from functions.core.schema import Table, row_count
from functions.core.storage import Storage
from functions.core.threads import in_threads
from functions.core.training_data import Forgotten
from functions.core.uploads import UPLOADS_PREFIX

RowsInFile = Callable[[bytes, str], int | None]
"""The number of the person's rows in a file of that name; None if rows of it cannot be searched."""


@dataclass(frozen=True, slots=True)
class TrainedOn:
    """A version and the number of the person's rows that are still stored of those it was trained on.

    `is_example` says that the example in its manifest is like one of them.
    """

    version: int
    rows: int
    in_production: bool
    is_example: bool


@dataclass(frozen=True, slots=True)
class Unsearched:
    """A version with rows whose ids are not known; `rows` is None for all of them, or if its manifest is unreadable."""

    version: int
    rows: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a registry and its uploads hold of a person, and what cannot be searched.

    `tables` are the digests of those with the person's rows, also of trainings that ended without a version. `files`
    has the number of the rows by the key of an upload, and `unread` the keys of files that cannot be searched.
    `blocking` are jobs that may be working with such rows.
    """

    versions: tuple[TrainedOn, ...] = ()
    tables: tuple[str, ...] = ()
    files: Mapping[str, int] = field(default_factory=dict)
    unsearched: tuple[Unsearched, ...] = ()
    unread: tuple[str, ...] = ()
    blocking: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        return not (self.tables or self.files)


@dataclass(frozen=True, slots=True)
class _Marked:
    """The rows of a table: True for each of the person's. `unknown` of them have no id, all if it is None."""

    rows: tuple[bool, ...] = ()
    unknown: int | None = None

    @property
    def count(self) -> int:
        return sum(self.rows)


class Forgetting:
    """Removal of the rows with the id `value` from one model. A removal that dies is ended by the next one.

    `uploads` is None where they are not known; then they are not searched.
    """

    def __init__(
        self, registry: Registry, uploads: Storage | None, model: str, value: str, rows_in_file: RowsInFile
    ) -> None:
        self._registry = registry
        self._storage = registry.storage
        self._uploads = uploads
        self._model = model
        self._value = value
        self._rows_in_file = rows_in_file

    def plan(self) -> Found:
        """Search everything, and change nothing. Raises DamagedVersionError for damaged data."""
        manifests = self._manifests()
        current = self._current(manifests)
        digests = {*current.values(), *with_ids(self._storage.children("data"))}
        marked = {one: self._marked(one) for one in sorted(digests) if training_data.is_stored(self._storage, one)}
        tables = tuple(digest for digest, one in marked.items() if one.count)
        files, unread = self._files()
        of_version = {version: (digest, marked[digest]) for version, digest in current.items() if digest in marked}
        return Found(
            versions=tuple(self._trained_on(manifests, of_version)),
            tables=tables,
            files=files,
            unsearched=(
                *(Unsearched(version, None) for version, manifest in manifests.items() if manifest is None),
                *(Unsearched(version, one.unknown) for version, (_, one) in of_version.items() if one.unknown != 0),
            ),
            unread=unread,
            blocking=self._blocking(files, has_tables=bool(tables)),
        )

    def carry_out(self, found: Found) -> None:
        """Remove what was found, and end what an earlier run began. Raises ConflictError while a job is in the way."""
        if found.blocking:
            raise ConflictError(f"jobs that may work with these rows: {', '.join(found.blocking)}; run again later")
        for digest in found.tables:
            self._replace(digest)
        for digest in self._known_digests():
            if not training_data.is_stored(self._storage, digest):
                training_data.delete_rows(self._storage, digest)
                self._storage.erase_past(f"data/{digest}")
        if self._uploads is not None:
            for key in found.files:
                self._uploads.delete(key)
            self._uploads.erase_past(f"{UPLOADS_PREFIX}/{self._model}/")

    def _manifests(self) -> dict[int, Manifest | None]:
        versions = self._registry.versions(self._model)
        manifests = in_threads(partial(self._registry.readable, self._model), versions)
        return dict(zip(versions, manifests, strict=True))

    def _current(self, manifests: Mapping[int, Manifest | None]) -> dict[int, str]:
        """The digest of the table that has the rows of each version now."""
        named = {version: one.data.digest for version, one in manifests.items() if one and one.data}
        return {version: training_data.current(self._storage, digest) for version, digest in named.items()}

    def _known_digests(self) -> set[str]:
        """The digests in manifests of the model, in records and of ids; each of them may have a past."""
        following = training_data.successors(self._storage)
        named = {one.data.digest for one in self._manifests().values() if one and one.data}
        return {*named, *following, *following.values(), *with_ids(self._storage.children("data"))}

    def _marked(self, digest: str) -> _Marked:
        parts = self._parts(digest)
        if not parts:
            return _Marked()
        marks = zip(*(part.of(self._value) for part in parts), strict=True)
        unknown = zip(*(part.digests for part in parts), strict=True)
        return _Marked(tuple(map(any, marks)), sum(all(one is None for one in ids) for ids in unknown))

    def _parts(self, digest: str) -> list[RowIds]:
        """The ids of the model's rows in a table. Raises DamagedVersionError if they are of different tables."""
        parts = [part for part in stored_ids(self._storage, digest) if part.model == self._model]
        if len({len(part.digests) for part in parts}) > 1:
            raise DamagedVersionError(f"the ids of data/{digest} are of different numbers of rows")
        return parts

    def _trained_on(
        self, manifests: Mapping[int, Manifest | None], of_version: Mapping[int, tuple[str, _Marked]]
    ) -> Iterator[TrainedOn]:
        production = self._registry.promotable(self._model).production
        for version, (digest, marked) in of_version.items():
            manifest = manifests[version]
            if manifest is not None and marked.count:
                in_production = production is not None and production.version == version
                is_example = _has_like(self._table(digest, marked), marked, manifest.example)
                yield TrainedOn(version, marked.count, in_production, is_example)

    def _table(self, digest: str, marked: _Marked) -> Table:
        table = training_data.load(self._storage, digest)
        if row_count(table) != len(marked.rows):
            raise DamagedVersionError(f"data/{digest} has {row_count(table)} rows, and {len(marked.rows)} ids")
        return table

    def _replace(self, digest: str) -> None:
        """Put a table without the person's rows in place of another. A run that died is repeated from the start."""
        marked = self._marked(digest)
        table = self._table(digest, marked)
        kept = [not one for one in marked.rows]
        rest = training_data.store(self._storage, {name: list(compress(one, kept)) for name, one in table.items()})
        store_ids(self._storage, rest, [part.kept(kept) for part in stored_ids(self._storage, digest)])
        training_data.note_forgotten(self._storage, digest, Forgotten(now(), marked.count, rest))
        training_data.delete_rows(self._storage, digest)

    def _files(self) -> tuple[dict[str, int], tuple[str, ...]]:
        """The number of the person's rows in each uploaded file with some, and the files that cannot be searched."""
        if self._uploads is None:
            return {}, ()
        counts = {
            key: self._rows_in_file(self._uploads.read(key).body, key.rpartition("/")[2])
            for key in self._uploads.keys(f"{UPLOADS_PREFIX}/{self._model}")
        }
        unread = tuple(key for key, count in counts.items() if count is None)
        return {key: count for key, count in counts.items() if count}, unread

    def _blocking(self, files: Mapping[str, int], *, has_tables: bool) -> tuple[str, ...]:
        """The unfinished jobs that have such a file, or that may have read such a table to extend it."""
        jobs = Jobs(self._storage).newest_first(self._model).entries
        return tuple(job.job for job in jobs if not job.is_finished and _is_in_the_way(job, files, has_tables))


def _is_in_the_way(job: Job, files: Mapping[str, int], has_tables: bool) -> bool:
    return job.upload in files or (has_tables and job.state == "running" and job.mode == "extend")


def _has_like(table: Table, marked: _Marked, example: Mapping[str, Any]) -> bool:
    """True if one of the person's rows has the values of the example."""
    columns = [(table[name], value) for name, value in example.items() if name in table]
    rows = compress(range(len(marked.rows)), marked.rows)
    return any(all(column[row] == value for column, value in columns) for row in rows)
