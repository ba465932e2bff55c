"""Promotions and their history: one record each, append-only, under ascending serials."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import asdict, dataclass

import orjson

from functions.core.errors import DamagedRecordError, ObjectNotFoundError, PreconditionFailedError
from functions.core.excerpts import Excerpt, read_excerpt
from functions.core.published import numeric_names
from functions.core.records import read_record
from functions.core.storage import Storage

logger = logging.getLogger(__name__)
BY_HAND = "chosen by hand"
"""The reason of a promotion that a person asked for."""


@dataclass(frozen=True, slots=True)
class Production:
    """A promotion: the version that serves, since when, by whom, and for what reason.

    `serial` counts the promotions of a model. While it is `pinned`, no job promotes another version. Promotions of
    older releases have no `reason`.
    """

    version: int
    serial: int
    previous: int | None
    actor: str
    time: str
    data_time: str
    pinned: bool = False
    reason: str | None = None

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self))


class Promotions:
    """The recorded promotions of one model."""

    def __init__(self, storage: Storage, model: str) -> None:
        self._storage = storage
        self._model = model

    def record(self, production: Production) -> None:
        """Write the record unless there is one."""
        with suppress(PreconditionFailedError):
            self._storage.create(self._key(production.serial), production.to_json())

    @property
    def are_recorded(self) -> bool:
        """True if there is a record, even one that cannot be read."""
        return bool(self._serials())

    def newest(self) -> Production | None:
        """The newest record that can be read."""
        readable = (self._read(serial) for serial in self._serials())
        return next((one for one in readable if one is not None), None)

    def newest_first(self, current: Production | None, start: int, count: int | None) -> Excerpt[Production]:
        """An excerpt of the promotions. A crash may have lost the record of the `current` one, and it is there too."""
        serials = self._serials()
        if current is None:
            return read_excerpt(serials, start, count, self._entry)
        recorded = self._read(current.serial) if current.serial in serials else None
        entries: list[int | Production] = [serial for serial in serials if serial > current.serial]
        entries += [current] if recorded in (None, current) else [current, recorded]
        entries += [serial for serial in serials if serial < current.serial]
        return read_excerpt(entries, start, count, self._entry)

    def _serials(self) -> list[int]:
        names = self._storage.children(f"models/{self._model}/history")
        return numeric_names(name.removesuffix(".json") for name in names if name.endswith(".json"))[::-1]

    def _entry(self, entry: int | Production) -> Production | None:
        return self._read(entry) if isinstance(entry, int) else entry

    def _read(self, serial: int) -> Production | None:
        key = self._key(serial)
        try:
            return read_record(self._storage.read(key).body, Production, key)
        except (DamagedRecordError, ObjectNotFoundError) as error:
            logger.error("promotion %s of %s is left out: %s", serial, self._model, error)
            return None

    def _key(self, serial: int) -> str:
        return f"models/{self._model}/history/{serial}.json"
