"""Keys of training files, uploads/<model>/..., and the forms to upload them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from functions.core.definition import MODEL_NAME
from functions.core.storage import KEY, check_key

UPLOADS_PREFIX = "uploads"
JOBS = "jobs"
FILE_ENDING = r"\.([cC][sS][vV]|[jJ][sS][oO][nN][lL]?)(\.[gG][zZ])?$"
"""The ending of a training file, in the common part of regular expressions of Python and of JSON Schema."""
FILE_ENDINGS = "a training file ends in .csv, .json or .jsonl, and in .gz after it if it is compressed"
LINK_SECONDS = 3600
"""The time for which a form to upload a file is valid."""


@dataclass(frozen=True, slots=True)
class UploadKey:
    """The parts of a key. `job` is set for uploads that a job waits for, and None for files that people dropped."""

    model: str
    job: str | None

    @classmethod
    def parse(cls, key: str) -> UploadKey | None:
        """The parts of `key`; None if it names no training file: another prefix, a folder, a hidden file, no key."""
        prefix, _, rest = key.partition("/")
        model, _, name = rest.partition("/")
        parts = name.split("/")
        is_file = KEY.fullmatch(key) and all(part and not part.startswith(".") for part in parts)
        if prefix != UPLOADS_PREFIX or not MODEL_NAME.fullmatch(model) or not is_file:
            return None
        return cls(model, parts[1] if parts[0] == JOBS and len(parts) == 3 else None)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that arrived. All notices of one arrival have the same `identity`, and no other notice has it."""

    key: str
    identity: str
    time: str


def is_of_job(key: str) -> bool:
    """True for an upload that a job waits for; False for a file that a person dropped."""
    upload = UploadKey.parse(key)
    return upload is not None and upload.job is not None


def job_upload_key(model: str, job: str, file_name: str) -> str:
    """The key for the upload of a job."""
    return check_key(f"{UPLOADS_PREFIX}/{model}/{JOBS}/{job}/{file_name}")


@dataclass(frozen=True, slots=True)
class UploadLink:
    """A form to POST a file with: first the `fields`, then the file, in the order that S3 requires.

    Its `url` is a whole one, or a path of the server that made the form.
    """

    url: str
    fields: dict[str, str]
    expires_seconds: int


class UploadLinks(Protocol):
    """Maker of upload forms."""

    @property
    def origins(self) -> Collection[str]:
        """Origins of the forms' URLs, as a browser writes them; empty where this server takes the files itself."""
        ...

    def create(self, key: str, *, max_bytes: int) -> UploadLink:
        """A form that permits one file of at most `max_bytes` under `key`."""
        ...
