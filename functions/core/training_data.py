"""data/<sha256>: the rows that versions were trained on, each table stored once."""

from __future__ import annotations

import hashlib

import orjson

from functions.core.errors import DamagedVersionError, ObjectNotFoundError, PreconditionFailedError
from functions.core.schema import Table
from functions.core.storage import Storage


def encode(table: Table) -> bytes:
    """The table as JSON, one array a column, columns in their order: equal tables give equal bytes."""
    return orjson.dumps(table)


def store(storage: Storage, table: Table) -> str:
    """Keep the table; returns the digest that names it."""
    body = encode(table)
    digest = hashlib.sha256(body).hexdigest()
    try:
        storage.create(f"data/{digest}", body)
    except PreconditionFailedError:
        return digest  # stored before
    return digest


def load(storage: Storage, digest: str) -> Table:
    """The table of that digest. Raises DamagedVersionError where it is missing or differs."""
    try:
        body = storage.read(f"data/{digest}").body
    except ObjectNotFoundError:
        raise DamagedVersionError(f"data/{digest} is missing") from None
    if hashlib.sha256(body).hexdigest() != digest:
        raise DamagedVersionError(f"data/{digest} differs from its name's sha256")
    table: Table = orjson.loads(body)
    return table
