"""A batch of the command line: a file of this machine in, a folder with the results out.

While it runs, its records, parts and markers lie in a hidden folder of the results, so that a second call goes on where
the first one was ended. The registry is only read.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import orjson

from functions.core.batch_record import Batch, BatchResult
from functions.core.clock import now
from functions.core.definition import Output
from functions.core.errors import DiskError
from functions.core.files import unreadable
from functions.core.local_storage import LocalStorage

WORK = ".batch"
RESULTS = "predictions"
ERRORS = "errors.jsonl"
BATCH_ID_CHARACTERS = 32
COPIED_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class FolderRequest:
    """What the command was asked: equal requests for an unchanged file are one batch."""

    model: str
    file: Path
    output: Output
    version: int | None = None
    id: str | None = None
    keep_columns: bool = False


@dataclass(frozen=True, slots=True)
class BatchFolder:
    """The folder of the results of a batch."""

    root: Path

    @property
    def storage(self) -> LocalStorage:
        """The records, the parts and the markers of the batch while it runs."""
        return LocalStorage(self.root / WORK)

    def batch(self, request: FolderRequest, actor: str) -> Batch:
        """The record of the batch, not written yet, over a link to the file. Raises InvalidInputError, DiskError."""
        try:
            found = request.file.stat()
            with request.file.open("rb"):
                pass
        except OSError as error:
            raise unreadable(request.file, error) from None
        path = request.file.resolve()
        asked = [str(path), found.st_size, found.st_mtime_ns, request.model, request.version, request.output]
        asked += [request.id, request.keep_columns]
        name = hashlib.sha256(orjson.dumps(asked)).hexdigest()[:BATCH_ID_CHARACTERS]
        key = f"to-predict/{request.model}/batches/{name}/rows{''.join(path.suffixes[-2:]).lower()}"
        self._link(path, key)
        moment = now()
        return Batch(
            batch=name,
            model=request.model,
            input=key,
            output=request.output,
            id=request.id,
            lookup=False,
            actor=actor,
            fingerprint=name,
            created=moment,
            updated=moment,
            keep_columns=request.keep_columns,
        )

    def join(self, batch: Batch, result: BatchResult) -> tuple[Path, Path | None]:
        """Write the predictions of a batch that succeeded, and its refused rows if there are any, and forget the rest.

        Returns the paths of the two files.
        """
        predictions, errors = self.root / f"{RESULTS}.{batch.output}", self.root / ERRORS
        try:
            self._join(result.parts, predictions)
            if result.errors:
                self._join(result.errors, errors)
            else:
                errors.unlink(missing_ok=True)
            shutil.rmtree(self.root / WORK)
        except OSError as error:
            raise DiskError(self.root, error) from error
        return predictions, errors if result.errors else None

    def _join(self, keys: Sequence[str], path: Path) -> None:
        partial = self.root / WORK / path.name
        with partial.open("wb") as joined:
            for key in keys:
                # one Parquet file is whole, all others are parts
                opened = gzip.open if key.endswith(".gz") else open
                with opened(self.root / WORK / key, "rb") as part:
                    shutil.copyfileobj(part, joined, COPIED_BYTES)
        os.replace(partial, path)

    def _link(self, path: Path, key: str) -> None:
        link = self.root / WORK / key
        try:
            link.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                try:
                    link.symlink_to(path)
                except OSError as error:
                    if isinstance(error, FileExistsError):
                        raise
                    shutil.copyfile(path, link)  # Windows makes links for few users
        except OSError as error:
            raise DiskError(link, error) from error
