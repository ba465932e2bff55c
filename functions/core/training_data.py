"""Training rows: the least number of them, and their tables, each stored once as data/<sha256>.

Where rows of a person were removed, the table of the other rows has a digest of its own. data/<sha256>.forgotten.json
leads to it from the digest that manifests name, and the old table is gone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import orjson

from functions.core.errors import (
    DamagedRecordError,
    DamagedVersionError,
    Fault,
    InvalidInputError,
    ObjectNotFoundError,
    PreconditionFailedError,
)
from functions.core.records import read_record
from functions.core.retirement import renew
from functions.core.row_ids import delete_ids
from functions.core.schema import Table
from functions.core.storage import Storage, is_object

FORGOTTEN = ".forgotten.json"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The record of a table of which `rows` were removed at `time`; the table `digest` has the others."""

    time: str
    rows: int
    digest: str


def require_enough_rows(rows: int, least: int, prefix: tuple[str, ...] = ()) -> None:
    """Raise InvalidInputError, located at `prefix`, for fewer rows than `least`."""
    if rows < least:
        raise too_few_rows(rows, f"send at least {least}", prefix)


def too_few_rows(rows: int, remedy: str, prefix: tuple[str, ...] = ()) -> InvalidInputError:
    """The error for rows that are too few to train on."""
    return InvalidInputError(
        [Fault(prefix, f"{rows} labelled instances are too few to train on: {remedy}", "too_short")]
    )


def encode(table: Table) -> bytes:
    """The table as JSON: one array for each column, in order, so that equal tables give equal bytes.

    Datetimes are written without time zone, as they are in the table.
    """
    return orjson.dumps(table)


def store(storage: Storage, table: Table) -> str:
    """Store the table; returns the digest that names it."""
    return store_encoded(storage, encode(table))


def store_encoded(storage: Storage, body: bytes) -> str:
    """Store a table that `encode` made; returns the digest that names it."""
    digest = hashlib.sha256(body).hexdigest()
    try:
        storage.create(f"data/{digest}", body)
    except PreconditionFailedError:  # stored before, and perhaps about to be removed
        renew(storage, f"data/{digest}")
    return digest


def load(storage: Storage, digest: str, datetimes: Sequence[str] = ()) -> Table:
    """The table of that digest, in which the columns `datetimes` are no texts.

    Raises DamagedVersionError if it is missing or damaged.
    """
    try:
        table: Table = orjson.loads(load_encoded(storage, digest))
    except ObjectNotFoundError:
        remedy = "[retention] may have removed it: use mode=replace"
        raise DamagedVersionError(f"data/{digest} is missing; {remedy}") from None
    for name in datetimes:
        table[name] = [datetime.fromisoformat(value) if isinstance(value, str) else None for value in table[name]]
    return table


def load_encoded(storage: Storage, digest: str) -> bytes:
    """The encoded table of that digest, without the rows that were removed from it.

    Raises ObjectNotFoundError, and DamagedVersionError if it is damaged.
    """
    found = current(storage, digest)
    body = storage.read(f"data/{found}").body
    if hashlib.sha256(body).hexdigest() != found:
        raise DamagedVersionError(f"data/{found} differs from the sha256 in its name")
    return body


def current(storage: Storage, digest: str) -> str:
    """The digest of the table that has the rows now: the same one, unless some of them were removed.

    It need not be there, if it was removed as a whole.
    """
    passed = {digest}
    while not is_stored(storage, digest) and (record := forgotten(storage, digest)) is not None:
        digest = record.digest
        if digest in passed:
            raise DamagedVersionError(f"data/{digest}{FORGOTTEN} leads back to itself")
        passed.add(digest)
    return digest


def is_stored(storage: Storage, digest: str) -> bool:
    """True if there is a table of that digest itself."""
    return is_object(storage, f"data/{digest}")


def forgotten(storage: Storage, digest: str) -> Forgotten | None:
    """The record in place of the table of that digest; None if there is none. Raises DamagedVersionError."""
    key = f"data/{digest}{FORGOTTEN}"
    try:
        return read_record(storage.read(key).body, Forgotten, key)
    except ObjectNotFoundError:
        return None
    except DamagedRecordError as error:
        raise DamagedVersionError(str(error)) from error


def note_forgotten(storage: Storage, digest: str, record: Forgotten) -> None:
    """Write the record, over an older one."""
    storage.write(f"data/{digest}{FORGOTTEN}", orjson.dumps(asdict(record)))


def successors(storage: Storage) -> Mapping[str, str]:
    """The digest of the table with the other rows, by each digest in whose place there is a record."""
    names = [name for name in storage.children("data") if name.endswith(FORGOTTEN)]
    digests = [name.removesuffix(FORGOTTEN) for name in names]
    records = {digest: forgotten(storage, digest) for digest in digests}
    return {digest: record.digest for digest, record in records.items() if record is not None}


def with_successors(digests: set[str], following: Mapping[str, str]) -> set[str]:
    """The digests, and those of all tables that they lead to."""
    found, left = set(digests), list(digests)
    while left:
        after = following.get(left.pop())
        if after is not None and after not in found:
            found.add(after)
            left.append(after)
    return found


def delete(storage: Storage, digest: str) -> None:
    """Remove the table with all that is known of it."""
    delete_rows(storage, digest)
    storage.delete(f"data/{digest}{FORGOTTEN}")


def delete_rows(storage: Storage, digest: str) -> None:
    """Remove the table and its ids, but no record in its place."""
    storage.delete(f"data/{digest}")
    delete_ids(storage, digest)
