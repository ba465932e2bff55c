"""A recording: a folder that one commit wrote, with requests and answers.

recording.json   requests, answers, and the time and places of the play
home/            $DESPLIEGUE_HOME as it was before the first request
buckets/         the objects of the S3 double, likewise
build/           the output of `despliegue build` for the home's versions
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tools.replay.answers import Answer
from tools.replay.masks import Session, ids_in
from tools.replay.requests import Request

RECORDING = "recording.json"
LARGEST_RECORD = 1_000_000


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer."""

    request: Request
    answer: Answer


@dataclass(frozen=True, slots=True)
class Recording:
    """Requests refer to the values in `kept` from the start; `secret` is the document of the secret with the tokens."""

    commit: str
    session: Session
    kept: dict[str, Any]
    secret: str
    exchanges: Sequence[Exchange]

    def write(self, folder: Path) -> None:
        (folder / RECORDING).write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=1))

    @classmethod
    def read(cls, folder: Path) -> Recording:
        """The recording in a folder. Raises FileNotFoundError, msgspec.ValidationError."""
        return msgspec.json.decode((folder / RECORDING).read_bytes(), type=cls)


def known_ids(folder: Path) -> frozenset[str]:
    """The ids in the names and the records of a recording's home and buckets."""
    ids: set[str] = set()
    for path in (*(folder / "home").rglob("*"), *(folder / "buckets").rglob("*")):
        ids |= ids_in(path.relative_to(folder).as_posix())
        if path.suffix == ".json" and path.stat().st_size < LARGEST_RECORD:
            ids |= ids_in(path.read_text(encoding="utf-8"))
    return frozenset(ids)
