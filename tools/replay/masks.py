"""The only list of values that may differ between two plays of the same requests.

Times, ids of jobs and paths that are part of a recording are the same in every play, and are compared as they are.
Only values that a play itself makes are masked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")
ID = re.compile(r"(?<![0-9a-zA-Z])[0-9a-f]{32}(?![0-9a-zA-Z])")
LEASE = timedelta(minutes=2)
"""The furthest time ahead of the present that a record holds: the end of a job's lease."""

SIGNED: Mapping[str, re.Pattern[str]] = {
    "when an upload form expires": re.compile(r'(?<="expires":")\d{10}(?=")'),
    "the signature of an upload form": re.compile(r'(?<="signature":")[0-9a-f]{64}(?=")'),
    "the policy of an S3 form": re.compile(r'(?<="policy":")[A-Za-z0-9+/=]+(?=")'),
    "the signature of an S3 form": re.compile(r'(?<="x-amz-signature":")[0-9a-f]{64}(?=")'),
    "the day of an S3 form": re.compile(r"(?<=testing/)\d{8}(?=/)"),
    "the time of an S3 form": re.compile(r'(?<="x-amz-date":")\d{8}T\d{6}Z(?=")'),
}
"""Parts of an upload form that depend on the time, or on the key with which a process signs."""


@dataclass(frozen=True, slots=True)
class Session:
    """The time and the places of one play.

    `places` are texts such as the address of a server; the keys are the names that replace them.
    """

    started: str
    ended: str
    places: Mapping[str, str]

    def holds(self, time: str) -> bool:
        """True for a time within this play."""
        moment = datetime.fromisoformat(time)
        return datetime.fromisoformat(self.started) <= moment <= datetime.fromisoformat(self.ended) + LEASE


@dataclass(slots=True)
class Masks:
    """The masks of one play, applied to its answers in order: ids are numbered as they appear.

    `known` are the ids in the recording, which are not masked.
    """

    session: Session
    known: frozenset[str]
    _numbers: dict[str, int] = field(default_factory=dict)

    def mask(self, text: str) -> str:
        for called, place in sorted(self.session.places.items(), key=lambda one: -len(one[1])):
            text = text.replace(place, f"<{called}>")
        for pattern in SIGNED.values():
            text = pattern.sub("<signed>", text)
        return ID.sub(self._id, TIME.sub(self._time, text))

    def _time(self, found: re.Match[str]) -> str:
        return "<time>" if self.session.holds(found[0]) else found[0]

    def _id(self, found: re.Match[str]) -> str:
        if found[0] in self.known:
            return found[0]
        return f"<id {self._numbers.setdefault(found[0], len(self._numbers) + 1)}>"


def ids_in(text: str) -> set[str]:
    return set(ID.findall(text))
