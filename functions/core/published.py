"""The numbers of published versions, without a look into each of them.

`models/<name>/published.json` has the runs of numbers whose manifest was seen. It is a note that saves requests and may
be missing or old: a claimed number that it lacks is looked at. A published version never changes, so nothing in it
becomes wrong: a number whose folder is gone does not count, and a removal takes the number out of the note first.
"""

from __future__ import annotations

import logging
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain, pairwise

import orjson

from functions.core.errors import DamagedRecordError, ObjectNotFoundError, PreconditionFailedError, StorageError
from functions.core.records import read_record
from functions.core.storage import Storage, is_object
from functions.core.threads import in_threads

logger = logging.getLogger(__name__)
NUMBER = re.compile(r"[1-9][0-9]*")
FORGETTING_ATTEMPTS = 10
FEW = 50
"""The most manifests that are looked for one by one. For more it is cheaper to list all files of all versions."""
Run = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PublishedNote:
    """Runs of published numbers, first and last, in ascending order."""

    runs: tuple[Run, ...]

    @classmethod
    def of(cls, numbers: Sequence[int]) -> PublishedNote:
        """The note of numbers in ascending order."""
        starts = [*numbers[:1], *(after for before, after in pairwise(numbers) if after != before + 1)]
        ends = [*(before for before, after in pairwise(numbers) if after != before + 1), *numbers[-1:]]
        return cls(tuple(zip(starts, ends, strict=True)))

    def among(self, numbers: Sequence[int]) -> set[int]:
        """Those of the ascending `numbers` that the note has."""
        slices = (numbers[bisect_left(numbers, first) : bisect_right(numbers, last)] for first, last in self.runs)
        return set(chain.from_iterable(slices))

    def without(self, number: int) -> PublishedNote:
        """The note without one number."""
        split = (((first, min(last, number - 1)), (max(first, number + 1), last)) for first, last in self.runs)
        return PublishedNote(tuple((first, last) for first, last in chain.from_iterable(split) if first <= last))

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class _Known:
    """What a storage holds of one model: claimed numbers, ascending; the note and its etag, None where it is not."""

    claimed: list[int]
    note: PublishedNote
    etag: str | None


def numeric_names(names: Iterable[str]) -> list[int]:
    """The names that are numbers, as numbers, in ascending order."""
    return sorted(int(name) for name in names if NUMBER.fullmatch(name))


def claimed_numbers(storage: Storage, model: str) -> list[int]:
    """The numbers that are taken, in ascending order, published or not."""
    return numeric_names(storage.children(f"models/{model}/versions"))


def published_numbers(storage: Storage, model: str) -> list[int]:
    """The published numbers, in ascending order."""
    return _published(storage, model, _known(storage, model))


def is_published(storage: Storage, model: str, version: int) -> bool:
    """True if the version has a manifest."""
    return is_object(storage, f"models/{model}/versions/{version}/manifest.json")


def note_published(storage: Storage, model: str) -> None:
    """Bring the note up to date. An error is logged only, and a note that another writer changed meanwhile is left."""
    try:
        known = _known(storage, model)
        note = PublishedNote.of(_published(storage, model, known))
        if note == known.note:
            return
        key, body = _key(model), note.to_json()
        with suppress(PreconditionFailedError):
            if known.etag is None:
                storage.create(key, body)
            else:
                storage.replace(key, body, known.etag)
    except StorageError as error:
        logger.warning("the note of published versions of %s stays as it was: %s", model, error)


def forget_published(storage: Storage, model: str, version: int) -> None:
    """Take a version that is to be removed out of the note, before its manifest goes."""
    for _ in range(FORGETTING_ATTEMPTS):
        note, etag = _noted(storage, model)
        if etag is None or not note.among([version]):
            return
        with suppress(PreconditionFailedError):
            storage.replace(_key(model), note.without(version).to_json(), etag)
            return
    # deleted, it costs requests; with a version that is gone it would be wrong
    storage.delete(_key(model))


def _published(storage: Storage, model: str, known: _Known) -> list[int]:
    noted = known.note.among(known.claimed)
    others = [number for number in known.claimed if number not in noted]
    if len(others) > FEW:
        noted |= _with_manifest(storage, model)
    else:
        found = in_threads(partial(is_published, storage, model), others)
        noted |= {number for number, is_there in zip(others, found, strict=True) if is_there}
    return [number for number in known.claimed if number in noted]


def _with_manifest(storage: Storage, model: str) -> set[int]:
    folder = f"models/{model}/versions"
    parts = (key.removeprefix(f"{folder}/").split("/") for key in storage.keys(folder))
    return set(numeric_names(names[0] for names in parts if names[1:] == ["manifest.json"]))


def _known(storage: Storage, model: str) -> _Known:
    return _Known(claimed_numbers(storage, model), *_noted(storage, model))


def _noted(storage: Storage, model: str) -> tuple[PublishedNote, str | None]:
    try:
        stored = storage.read(_key(model))
    except ObjectNotFoundError:
        return PublishedNote(()), None
    try:
        return read_record(stored.body, PublishedNote, _key(model)), stored.etag
    except DamagedRecordError as error:
        logger.error("%s; the versions are looked at instead", error)
        return PublishedNote(()), stored.etag


def _key(model: str) -> str:
    return f"models/{model}/published.json"
