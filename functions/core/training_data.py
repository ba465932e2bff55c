"""The rows that versions are trained on: how many it takes, and data/<sha256>, where each table is stored once."""

from __future__ import annotations

import hashlib
from contextlib import suppress

import orjson

from functions.core.errors import (
    DamagedVersionError,
    Fault,
    InvalidInputError,
    ObjectNotFoundError,
    PreconditionFailedError,
)
from functions.core.schema import Table
from functions.core.storage import Storage


def require_enough_rows(rows: int, least: int, prefix: tuple[str, ...] = ()) -> None:
    """Raises InvalidInputError under `prefix` for fewer rows than `least`."""
    if rows < least:
        raise too_few_rows(rows, f"send at least {least}", prefix)


def too_few_rows(rows: int, remedy: str, prefix: tuple[str, ...] = ()) -> InvalidInputError:
    """The error for rows that training cannot begin with."""
    return InvalidInputError(
        [Fault(prefix, f"{rows} labelled instances are too few to train on: {remedy}", "too_short")]
    )


def encode(table: Table) -> bytes:
    """The table as JSON, one array a column, columns in their order: equal tables give equal bytes."""
    return orjson.dumps(table)


def store(storage: Storage, table: Table) -> str:
    """Keep the table; returns the digest that names it."""
    return store_encoded(storage, encode(table))


def store_encoded(storage: Storage, body: bytes) -> str:
    """Keep a table as `encode` gives it; returns the digest that names it."""
    digest = hashlib.sha256(body).hexdigest()
    with suppress(PreconditionFailedError):  # stored before
        storage.create(f"data/{digest}", body)
    return digest


def load(storage: Storage, digest: str) -> Table:
    """The table of that digest. Raises DamagedVersionError where it is missing or differs."""
    try:
        table: Table = orjson.loads(load_encoded(storage, digest))
    except ObjectNotFoundError:
        raise DamagedVersionError(f"data/{digest} is missing") from None
    return table


def load_encoded(storage: Storage, digest: str) -> bytes:
    """The same as bytes. Raises ObjectNotFoundError, DamagedVersionError where they differ."""
    body = storage.read(f"data/{digest}").body
    if hashlib.sha256(body).hexdigest() != digest:
        raise DamagedVersionError(f"data/{digest} differs from its name's sha256")
    return body
