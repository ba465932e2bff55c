"""Keys of files that arrive, uploads/<model>/... to train on and to-predict/<model>/... to predict, and their forms."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from functions.core.definition import MODEL_NAME
from functions.core.storage import KEY, check_key

UPLOADS_PREFIX = "uploads"
TO_PREDICT_PREFIX = "to-predict"
SCHEDULED_PREFIX = "scheduled"
AWAITED: Mapping[str, str] = {UPLOADS_PREFIX: "jobs", TO_PREDICT_PREFIX: "batches"}
"""The folder, below prefix and model, of files that a record waits for: one folder for each job or batch."""
FILE_ENDING = r"\.([cC][sS][vV]|[jJ][sS][oO][nN][lL]?)(\.[gG][zZ])?$"
"""The ending of a training file, in the common part of regular expressions of Python and of JSON Schema."""
FILE_ENDINGS = "a training file ends in .csv, .json or .jsonl, and in .gz after it if it is compressed"
BATCH_FILE_ENDING = r"(\.([cC][sS][vV]|[jJ][sS][oO][nN][lL]?)(\.[gG][zZ])?|\.[pP][aA][rR][qQ][uU][eE][tT])$"
"""The ending of a file to predict."""
BATCH_FILE_ENDINGS = (
    "a file to predict ends in .csv, .json or .jsonl, and in .gz after it if it is packed; or in .parquet"
)
LINK_SECONDS = 3600
"""The time for which a form to upload a file, and a link to fetch one, is valid."""


@dataclass(frozen=True, slots=True)
class UploadKey:
    """The parts of a key. `awaited_by` is the job or the batch that waits for the file; None for a dropped file."""

    prefix: str
    model: str
    awaited_by: str | None = None

    @classmethod
    def parse(cls, key: str) -> UploadKey | None:
        """The parts of `key`; None if it is none of a file that arrives: another prefix, a folder, a hidden file."""
        prefix, _, rest = key.partition("/")
        model, _, name = rest.partition("/")
        parts = name.split("/")
        is_file = KEY.fullmatch(key) and all(part and not part.startswith(".") for part in parts)
        if prefix not in AWAITED or not MODEL_NAME.fullmatch(model) or not is_file:
            return None
        return cls(prefix, model, parts[1] if parts[0] == AWAITED[prefix] and len(parts) == 3 else None)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that arrived. All notices of one arrival have the same `identity`, and no other notice has it."""

    key: str
    identity: str
    time: str


def is_awaited(key: str) -> bool:
    """True for a file that a job or a batch waits for; False for a file that a person dropped."""
    upload = UploadKey.parse(key)
    return upload is not None and upload.awaited_by is not None


def job_upload_key(model: str, job: str, file_name: str) -> str:
    """The key for the upload of a job."""
    return _awaited_key(UPLOADS_PREFIX, model, job, file_name)


def batch_input_key(model: str, batch: str, file_name: str) -> str:
    """The key for the file that a batch waits for."""
    return _awaited_key(TO_PREDICT_PREFIX, model, batch, file_name)


def batch_retry_key(model: str, batch: str, attempt: int) -> str:
    """The key of the empty file whose arrival starts a batch again. No form permits a name that begins with `_`."""
    return _awaited_key(TO_PREDICT_PREFIX, model, batch, f"_retry-{attempt}.json")


def scheduled_key(model: str, file_name: str) -> str:
    """The key of a file that is predicted again and again: others replace it, and nothing starts when they do."""
    return check_key(f"{SCHEDULED_PREFIX}/{model}/{file_name}")


def _awaited_key(prefix: str, model: str, awaited_by: str, file_name: str) -> str:
    return check_key(f"{prefix}/{model}/{AWAITED[prefix]}/{awaited_by}/{file_name}")


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


class DownloadLinks(Protocol):
    """Maker of links to objects, each valid for LINK_SECONDS and without a token."""

    def create(self, key: str, *, file_name: str) -> str:
        """A link to the object under `key`, which a browser saves as `file_name`.

        It is a whole URL, or a path of the server that made it.
        """
        ...
