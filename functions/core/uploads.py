"""uploads/<model>/...: where training files arrive, and what their keys mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from functions.core.definition import MODEL_NAME
from functions.core.storage import KEY, check_key

PREFIX = "uploads"
JOBS = "jobs"


@dataclass(frozen=True, slots=True)
class UploadKey:
    """A key taken apart. `job` is set for uploads that a job waits for, None for files dropped by people."""

    model: str
    job: str | None

    @classmethod
    def parse(cls, key: str) -> UploadKey | None:
        """None for keys that are no training file: other prefixes, folders, hidden files, no keys at all."""
        prefix, _, rest = key.partition("/")
        model, _, name = rest.partition("/")
        parts = name.split("/")
        is_file = KEY.fullmatch(key) and all(part and not part.startswith(".") for part in parts)
        if prefix != PREFIX or not MODEL_NAME.fullmatch(model) or not is_file:
            return None
        return cls(model, parts[1] if parts[0] == JOBS and len(parts) == 3 else None)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that arrived. `identity` is the same for every notice of one arrival, and only for them."""

    key: str
    identity: str
    time: str


def job_upload_key(model: str, job: str, file_name: str) -> str:
    """Where the upload of a job belongs."""
    return check_key(f"{PREFIX}/{model}/{JOBS}/{job}/{file_name}")


@dataclass(frozen=True, slots=True)
class UploadLink:
    """A form to POST a file to: `fields` go first, the file last, as S3 wants it."""

    url: str
    fields: dict[str, str]
    expires_seconds: int


class UploadLinks(Protocol):
    def create(self, key: str, *, max_bytes: int) -> UploadLink:
        """Permission to POST one file of at most `max_bytes` to `key`."""
        ...
