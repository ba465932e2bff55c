"""Digests of the ids of stored training rows, by which the rows of a person are found without keeping their ids.

They lie at data/<digest of the table>.ids/<part>.json, one digest a row. Equal tables that came with other ids, or for
another model, are one table with several parts. A digest is a keyed BLAKE2b of the id as text. It keeps ids out of
sight, and equal ids of different tables apart; who has these objects can still try all ids of a small range, so they
are data of people too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from itertools import compress

import orjson

from functions.core.errors import DamagedRecordError, DamagedVersionError, PreconditionFailedError
from functions.core.records import read_record
from functions.core.storage import Storage

FOLDER = ".ids"
ID_DIGEST_BYTES = 8
"""Among a million rows, the chance that another id has the same digest is one in 10^13."""
Ids = tuple[str | None, ...]
"""The id of each row as text; None for a row without one."""


@dataclass(frozen=True, slots=True)
class RowIds:
    """The digest of each row's id in a `model`, under one `key`; None for a row whose id is not known."""

    model: str
    key: str
    digests: tuple[str | None, ...]

    def extended(self, ids: Ids) -> RowIds:
        """These rows, followed by others."""
        return replace(self, digests=(*self.digests, *(None if one is None else self._digest(one) for one in ids)))

    def kept(self, rows: Sequence[bool]) -> RowIds:
        """These rows, without the ones that are not to be kept."""
        return replace(self, digests=tuple(compress(self.digests, rows)))

    def of(self, value: str) -> list[bool]:
        """True for each row with this id."""
        wanted = self._digest(value)
        return [one == wanted for one in self.digests]

    def _digest(self, value: str) -> str:
        body = value.encode(errors="surrogatepass")
        return hashlib.blake2b(body, key=self.key.encode(), digest_size=ID_DIGEST_BYTES).hexdigest()


def joined(before: Sequence[RowIds], ids: Ids | None, first: RowIds, rows: int) -> tuple[RowIds, ...]:
    """The parts of a table: of the rows that were there `before`, followed by `rows` new ones with their `ids`.

    `ids` is None for a file without the column. `first` is the part of the rows before if none of their ids is known;
    parts of another length are none of them. Empty if no id is known at all.
    """
    whole = [part for part in before if part.model == first.model and len(part.digests) == len(first.digests)]
    if not whole and ids is None:
        return ()
    return tuple(part.extended(ids if ids is not None else (None,) * rows) for part in whole or [first])


def store_ids(storage: Storage, digest: str, parts: Sequence[RowIds]) -> None:
    """Store the ids of the table of that digest, beside those that it came with before."""
    for part in parts:
        body = orjson.dumps(asdict(part))
        with suppress(PreconditionFailedError):  # stored before
            storage.create(f"{_folder(digest)}/{hashlib.sha256(body).hexdigest()[:32]}.json", body)


def stored_ids(storage: Storage, digest: str) -> tuple[RowIds, ...]:
    """The parts of the table of that digest; empty if none of its ids was stored. Raises DamagedVersionError."""
    try:
        return tuple(read_record(storage.read(key).body, RowIds, key) for key in storage.keys(_folder(digest)))
    except DamagedRecordError as error:
        raise DamagedVersionError(str(error)) from error


def with_ids(names: Iterable[str]) -> set[str]:
    """The digests of the tables that have ids, from the `names` in the folder data."""
    return {name.removesuffix(FOLDER) for name in names if name.endswith(FOLDER)}


def delete_ids(storage: Storage, digest: str) -> None:
    """Remove all ids of the table."""
    for name in storage.children(_folder(digest)):
        storage.delete(f"{_folder(digest)}/{name}")


def _folder(digest: str) -> str:
    return f"data/{digest}{FOLDER}"
