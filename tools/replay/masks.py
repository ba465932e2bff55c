"""All that may differ between two plays of the same requests, and nothing else: the one list of it.

Times, the ids of jobs and the paths that a recording came with are compared as they are: they are the same in every
play. Only what a play makes itself is masked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")
ID = re.compile(r"(?<![0-9a-zA-Z])[0-9a-f]{32}(?![0-9a-zA-Z])")
LEASE = timedelta(minutes=2)
"""How far ahead of the present a record may write a time."""

SIGNED: Mapping[str, re.Pattern[str]] = {
    "when an upload form expires": re.compile(r'(?<="expires":")\d{10}(?=")'),
    "the signature of an upload form": re.compile(r'(?<="signature":")[0-9a-f]{64}(?=")'),
    "the policy of an S3 form": re.compile(r'(?<="policy":")[A-Za-z0-9+/=]+(?=")'),
    "the signature of an S3 form": re.compile(r'(?<="x-amz-signature":")[0-9a-f]{64}(?=")'),
    "the day of an S3 form": re.compile(r"(?<=testing/)\d{8}(?=/)"),
    "the time of an S3 form": re.compile(r'(?<="x-amz-date":")\d{8}T\d{6}Z(?=")'),
}
"""What a form is signed with: by a key of the process, or at a time."""


@dataclass(frozen=True, slots=True)
class Session:
    """What was particular to one play: when it ran, and where.

    `places` are texts, such as the address of a server, by what they are called instead.
    """

    started: str
    ended: str
    places: Mapping[str, str]

    def holds(self, time: str) -> bool:
        """Whether a time was made in this play."""
        moment = datetime.fromisoformat(time)
        return datetime.fromisoformat(self.started) <= moment <= datetime.fromisoformat(self.ended) + LEASE


@dataclass(slots=True)
class Masks:
    """The masks of one play, for its answers in their order: ids are numbered as they appear.

    `known` are the ids that the recording came with.
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
