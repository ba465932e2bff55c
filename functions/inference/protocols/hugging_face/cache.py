"""A cache of answers, bounded in number and in bytes."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

CACHE_MAX_ENTRIES = 1_000
CACHE_MAX_BYTES = 16_000_000
CACHE_MAX_ENTRY_BYTES = 1_000_000


class AnswerCache:
    """The answers used last, by digest of version and request; safe among threads."""

    def __init__(self, *, max_entries: int = CACHE_MAX_ENTRIES, max_bytes: int = CACHE_MAX_BYTES) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._answers: OrderedDict[bytes, bytes] = OrderedDict()
        self._bytes = 0

    def get(self, key: bytes) -> bytes | None:
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def put(self, key: bytes, answer: bytes) -> None:
        """Keep an answer, and drop the least recently used ones; a very large answer is not kept."""
        if len(answer) > min(CACHE_MAX_ENTRY_BYTES, self._max_bytes):
            return
        with self._lock:
            self._bytes += len(answer) - len(self._answers.pop(key, b""))
            self._answers[key] = answer
            while len(self._answers) > self._max_entries or self._bytes > self._max_bytes:
                self._bytes -= len(self._answers.popitem(last=False)[1])


def cache_key(model: str, version: int, created: str, request: bytes) -> bytes:
    """The sha256 digest of the version and the content of a request.

    The time when the version was created tells it from one of the same number of a model that was removed.
    """
    # zeros keep the parts apart: neither a model's name nor a number nor a time can hold one
    return hashlib.sha256(b"%s\0%d\0%s\0%s" % (model.encode(), version, created.encode(), request)).digest()
