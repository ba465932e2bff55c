"""Verdicts: whether a version was promoted when it was made, and why, or why not.

The verdict lies in the folder of its version, models/<name>/versions/<n>/verdict.json, and is written after the
decision was carried out. Versions of older releases have none, and neither has one whose maker died in between.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial

import orjson

from functions.core.clock import now
from functions.core.errors import DamagedRecordError, ObjectNotFoundError
from functions.core.history import Production
from functions.core.records import read_record
from functions.core.storage import Storage
from functions.core.threads import in_threads

logger = logging.getLogger(__name__)


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
    verdicts = in_threads(partial(read_verdict, storage, model), versions)
    return [_outcome(one, verdict, production) for one, verdict in zip(versions, verdicts, strict=True)]


def _outcome(version: int, verdict: Verdict | None, production: Production | None) -> Outcome:
    metrics = verdict.production_metrics if verdict else None
    if production is not None and production.version == version:
        kept = verdict.reason if verdict and verdict.promoted else None
        return Outcome(promoted=True, reason=production.reason or kept, in_production=True, production_metrics=metrics)
    if verdict is None:
        return Outcome(None, None, in_production=False)
    return Outcome(verdict.promoted, verdict.reason, in_production=False, production_metrics=metrics)


def _key(model: str, version: int) -> str:
    return f"models/{model}/versions/{version}/verdict.json"
