"""Training rows: the least number of them, and their tables, each stored once as data/<sha256>."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

import orjson

from functions.core.errors import (
    DamagedVersionError,
    Fault,
    InvalidInputError,
    ObjectNotFoundError,
    PreconditionFailedError,
)
from functions.core.retirement import renew
from functions.core.schema import Table
from functions.core.storage import Storage


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
    """The encoded table of that digest. Raises ObjectNotFoundError, and DamagedVersionError if it is damaged."""
    body = storage.read(f"data/{digest}").body
    if hashlib.sha256(body).hexdigest() != digest:
        raise DamagedVersionError(f"data/{digest} differs from the sha256 in its name")
    return body
