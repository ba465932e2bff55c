"""An S3 bucket, or a prefix in one, as Storage: conditional writes decide every race."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import obstore
from obstore.exceptions import NotModifiedError

from functions.aws.s3_connection import ATTEMPTS, S3Connection
from functions.aws.s3_location import S3Location
from functions.aws.s3_refusals import FAILURES, S3Refusal
from functions.core.errors import ObjectNotFoundError, PreconditionFailedError, StorageError
from functions.core.storage import StoredObject, check_key, is_listed

if TYPE_CHECKING:
    from obstore import GetOptions, PutMode
    from obstore.store import S3Store

CONFLICT_PAUSES = (0.05, 0.1, 0.2, 0.4)
WRITE = "write"
"""The metadata with a random mark, by which a writer knows its own object again."""
Answer = TypeVar("Answer")


def open_location(location: str) -> S3Storage:
    """The storage at s3://bucket/prefix; raises StorageError for a malformed location."""
    place = S3Location.parse(location)
    return S3Storage(place.bucket, place.prefix)


class S3Storage:
    """Objects below `prefix` of `bucket`; etags as S3 gives them. Safe among threads.

    Without permission for s3:ListBucket, S3 answers 403 for a key that does not exist. So a denied read counts as a
    missing object, and a function without permission for s3:GetObject sees an empty registry.
    """

    def __init__(self, bucket: str, prefix: str = "", environment: Mapping[str, str] = os.environ) -> None:
        """Connect at the first use, by the AWS variables of `environment`."""
        self.bucket = bucket
        self.prefix = f"{check_key(prefix.strip('/'))}/" if prefix.strip("/") else ""
        self._environment = environment
        self._connection = S3Connection(bucket, environment)

    def __reduce__(self) -> tuple[type[S3Storage], tuple[object, ...]]:
        """A storage goes to another process by its place, and connects there."""
        place = (self.bucket, self.prefix)
        return S3Storage, place if self._environment is os.environ else (*place, dict(self._environment))

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"

    def read(self, key: str) -> StoredObject:
        with _reading(key):
            return self._get(key)

    def read_range(self, key: str, start: int, end: int) -> bytes:
        full = self._full(key)
        with _reading(key):
            # S3 refuses a range that begins at the end of an object or after it
            last = min(end, self._ask(lambda store: obstore.head(store, full)["size"]))
            if start >= last:
                return b""
            return self._ask(lambda store: obstore.get_range(store, full, start=start, end=last).to_bytes())

    def size_bytes(self, key: str) -> int:
        full = self._full(key)
        with _reading(key):
            return self._ask(lambda store: obstore.head(store, full)["size"])

    def revision(self, key: str) -> str:
        full = self._full(key)
        with _reading(key):
            return self._ask(lambda store: obstore.head(store, full)["e_tag"] or "")

    def read_if_changed(self, key: str, etag: str) -> StoredObject | None:
        with _reading(key):
            try:
                return self._get(key, {"if_none_match": etag})
            except NotModifiedError:
                return None

    def write(self, key: str, body: bytes) -> str:
        with _writing(key):
            return self._put(key, body)

    def create(self, key: str, body: bytes) -> str:
        with _writing(key):
            return self._put_if(key, body, "create")

    def replace(self, key: str, body: bytes, etag: str) -> str:
        with _writing(key):
            return self._put_if(key, body, {"e_tag": etag})

    def copy(self, source: str, target: str) -> None:
        """S3 copies objects of up to 5 GB by itself."""
        original, copied = self._full(source), self._full(target)
        with _reading(source):
            self._ask(lambda store: obstore.copy(store, original, copied))

    def children(self, prefix: str) -> list[str]:
        folder = self._folder(prefix)
        with _writing(f"{prefix}/"):
            found = self._ask(lambda store: obstore.list_with_delimiter(store, folder))
        paths = [*found["common_prefixes"], *(one["path"] for one in found["objects"])]
        names = {path[len(folder) :] for path in paths}
        return sorted(filter(is_listed, names))

    def keys(self, prefix: str) -> list[str]:
        with _writing(f"{prefix}/"):
            found = self._ask(lambda store: obstore.list(store, self._folder(prefix)).collect())
            paths = [one["path"] for one in found if one["size"] or self._is_object(one["path"])]
        return sorted(filter(is_listed, (path[len(self.prefix) :] for path in paths)))

    def delete(self, key: str) -> None:
        full = self._full(key)
        with _writing(key):
            self._ask(lambda store: obstore.delete(store, full))

    def erase_past(self, prefix: str) -> None:
        # not at the top: botocore takes half a second, and only forgetting needs it, since obstore lists no versions
        from functions.aws.client import s3_client
        from functions.aws.s3_past import erase_past

        erase_past(s3_client(), self.bucket, self.prefix + prefix)

    def _is_object(self, path: str) -> bool:
        """False for an empty path that is none but with a slash after it, which marks a folder: obstore drops that."""
        try:
            self._ask(lambda store: obstore.head(store, path))
        except S3Refusal as refusal:
            if refusal.is_missing:
                return False
            raise
        return True

    def _folder(self, prefix: str) -> str:
        return f"{self._full(prefix)}/" if prefix else self.prefix

    def _full(self, key: str) -> str:
        return self.prefix + check_key(key)

    def _ask(self, ask: Callable[[S3Store], Answer], body_bytes: int = 0) -> Answer:
        """Make a request, and again in the bucket's own region where it turns out to be in another one.

        Raises S3Refusal, and NotModifiedError as it comes.
        """
        try:
            return self._ask_here(ask, body_bytes)
        except S3Refusal as refusal:
            if not (refusal.is_elsewhere and self._connection.find_region()):
                raise
        return self._ask_here(ask, body_bytes)

    def _ask_here(self, ask: Callable[[S3Store], Answer], body_bytes: int) -> Answer:
        try:
            return ask(self._connection.store(body_bytes))
        except NotModifiedError:
            raise
        except FAILURES as error:
            raise S3Refusal(error) from error

    def _get(self, key: str, options: GetOptions | None = None) -> StoredObject:
        full = self._full(key)

        def get(store: S3Store) -> StoredObject:
            answer = obstore.get(store, full, options=options)
            return StoredObject(answer.bytes().to_bytes(), answer.meta["e_tag"] or "")

        return self._ask(get)

    def _put(self, key: str, body: bytes, mode: PutMode = "overwrite", mark: str | None = None) -> str:
        full = self._full(key)
        attributes: dict[Any, str] | None = {WRITE: mark} if mark else None

        def put(store: S3Store) -> str:
            # one request whatever the size, for which the condition holds; S3 takes up to 5 GB in one
            done = obstore.put(store, full, body, mode=mode, attributes=attributes, use_multipart=False)
            return done["e_tag"] or ""

        return self._ask(put, len(body))

    def _put_if(self, key: str, body: bytes, mode: PutMode) -> str:
        """Write under a condition; write again after 409, by which S3 refuses one of two writes at once.

        A write without an answer is sent again too: where it had arrived, its mark tells so.
        """
        mark, unanswered = secrets.token_hex(16), 0
        for pause in CONFLICT_PAUSES:
            try:
                return self._put(key, body, mode, mark)
            except S3Refusal as refusal:
                if refusal.is_lost:
                    return self._own_etag(key, mark)
                unanswered += refusal.is_unanswered
                if unanswered == ATTEMPTS or not (refusal.is_conflict or refusal.is_unanswered):
                    raise
            # jitter, so that writers which met once do not meet again
            time.sleep(pause * (1 + secrets.randbelow(100) / 100))
        raise PreconditionFailedError(key)

    def _own_etag(self, key: str, mark: str) -> str:
        """The etag of the object if this write made it: its answer was lost, and it was sent again.

        Raises PreconditionFailedError if another writer was first.
        """
        full = self._full(key)
        try:
            found = self._ask(lambda store: obstore.get(store, full, options={"head": True}))
        except S3Refusal as refusal:
            if refusal.is_missing:
                raise PreconditionFailedError(key) from None
            raise
        if found.attributes.get(WRITE) != mark:
            raise PreconditionFailedError(key)
        return found.meta["e_tag"] or ""


def is_denied(error: StorageError) -> bool:
    """True if S3 refused the request because the role may not make it."""
    return isinstance(error.__cause__, S3Refusal) and error.__cause__.is_denied


class _writing:
    """A block whose refusals are raised as StorageError. Every prediction enters one, so it is no generator."""

    __slots__ = ("_key",)

    def __init__(self, key: str) -> None:
        self._key = key

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, S3Refusal):
            self._raise(error)

    def _raise(self, refusal: S3Refusal) -> NoReturn:
        raise StorageError(f"S3 failed at {self._key!r}: {refusal}") from refusal


class _reading(_writing):
    """A block whose refusals are raised as ObjectNotFoundError if the object is missing, else as StorageError."""

    __slots__ = ()

    def _raise(self, refusal: S3Refusal) -> NoReturn:
        if refusal.is_missing:
            raise ObjectNotFoundError(self._key) from None
        super()._raise(refusal)
