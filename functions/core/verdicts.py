"""Verdicts: whether a version was promoted when it was made, and why, or why not.

The verdict lies in the folder of its version, models/<name>/versions/<n>/verdict.json, and is written after the
decision was carried out. Versions of older releases have none, and neither has one whose maker died in between.

Lists read the verdicts of a hundred versions by one request: models/<name>/verdicts/<hundreds>.json has them again.
It is a note that saves requests, and lacks a verdict only where its maker died, or the storage failed, before it was
noted.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import partial

import orjson

from functions.core.clock import now
from functions.core.errors import DamagedRecordError, ObjectNotFoundError, PreconditionFailedError, StorageError
from functions.core.history import Production
from functions.core.records import read_record
from functions.core.storage import Storage
from functions.core.threads import in_threads

logger = logging.getLogger(__name__)
NOTED_TOGETHER = 100
"""The versions whose verdicts are in one note."""
NOTE_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision about a version; `production_metrics` are those of production on the same rows, if there are any."""

    promoted: bool
    reason: str
    actor: str
    production_metrics: Mapping[str, float | None] | None = None
    time: str = field(default_factory=now)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The state of a version for people: its verdict, or the promotion by which it serves now.

    `promoted` and `reason` are None where no verdict was kept.
    """

    promoted: bool | None
    reason: str | None
    in_production: bool
    production_metrics: Mapping[str, float | None] | None = None

    @property
    def sentence(self) -> str:
        """The outcome in words; empty where no verdict was kept."""
        if self.promoted is None:
            return ""
        promoted = "promoted" if self.promoted else "not promoted"
        return f"{promoted}: {self.reason}" if self.reason else promoted


def record_verdict(storage: Storage, model: str, version: int, verdict: Verdict) -> None:
    """Write the verdict on a published version, over one of an earlier attempt."""
    storage.write(_key(model, version), orjson.dumps(asdict(verdict)))
    _note(storage, model, version, verdict)


def read_verdict(storage: Storage, model: str, version: int) -> Verdict | None:
    """The verdict on a version; None where there is none, or none that can be read, which is logged."""
    key = _key(model, version)
    try:
        return read_record(storage.read(key).body, Verdict, key)
    except ObjectNotFoundError:
        return None
    except DamagedRecordError as error:
        logger.error("%s", error)
        return None


def outcomes(storage: Storage, model: str, versions: Sequence[int], production: Production | None) -> list[Outcome]:
    """The outcome of each version, while `production` serves."""
    if len(versions) == 1:
        return [_outcome(versions[0], read_verdict(storage, model, versions[0]), production)]
    blocks = sorted({version // NOTED_TOGETHER for version in versions})
    found: dict[int, Verdict] = {}
    for noted in in_threads(partial(_noted, storage, model), blocks):
        found.update(noted.verdicts)
    return [_outcome(version, found.get(version), production) for version in versions]


def _outcome(version: int, verdict: Verdict | None, production: Production | None) -> Outcome:
    metrics = verdict.production_metrics if verdict else None
    if production is not None and production.version == version:
        kept = verdict.reason if verdict and verdict.promoted else None
        return Outcome(promoted=True, reason=production.reason or kept, in_production=True, production_metrics=metrics)
    if verdict is None:
        return Outcome(None, None, in_production=False)
    return Outcome(verdict.promoted, verdict.reason, in_production=False, production_metrics=metrics)


@dataclass(frozen=True, slots=True)
class _Noted:
    """The verdicts of successive versions by their number, and the etag of the note, None where there is none."""

    verdicts: Mapping[int, Verdict]
    etag: str | None


def _noted(storage: Storage, model: str, block: int) -> _Noted:
    key = _note_key(model, block)
    try:
        stored = storage.read(key)
    except ObjectNotFoundError:
        return _Noted({}, None)
    try:
        return _Noted(read_record(stored.body, dict[int, Verdict], key), stored.etag)
    except DamagedRecordError as error:
        logger.error("%s", error)
        return _Noted({}, stored.etag)


def _note(storage: Storage, model: str, version: int, verdict: Verdict) -> None:
    """Add the verdict to the note of its block. An error is logged only: the verdict has an object of its own."""
    block = version // NOTED_TOGETHER
    key = _note_key(model, block)
    try:
        for _ in range(NOTE_ATTEMPTS):
            noted = _noted(storage, model, block)
            verdicts = {str(number): asdict(one) for number, one in {**noted.verdicts, version: verdict}.items()}
            with suppress(PreconditionFailedError):
                if noted.etag is None:
                    storage.create(key, orjson.dumps(verdicts))
                else:
                    storage.replace(key, orjson.dumps(verdicts), noted.etag)
                return
    except StorageError as error:
        logger.warning("the verdict on version %s of %s has no note: %s", version, model, error)


def _note_key(model: str, block: int) -> str:
    return f"models/{model}/verdicts/{block}.json"


def _key(model: str, version: int) -> str:
    return f"models/{model}/versions/{version}/verdict.json"
