"""Concurrent clients, each with its own connection and one request at a time, cheap enough to keep servers busy."""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from urllib.parse import urlsplit

END_OF_HEAD = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
VERSION = re.compile(rb'"version":(\d+)')


@dataclass(slots=True)
class Freshness:
    """The newest `version` that a retrain has reported as promoted; 0 for a server without versions."""

    version: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """The bytes of a whole request; `kind` is what it is counted as."""

    kind: str
    content: bytes

    @classmethod
    def post(cls, url: str, kind: str, path: str, body: bytes) -> Request:
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return cls(kind, head.encode() + body)


@dataclass(slots=True)
class Load:
    """The measurements of the clients: milliseconds by kind of request, errors and stale answers."""

    seconds: float
    milliseconds: dict[str, list[float]] = field(default_factory=dict)
    errors: int = 0
    stale: int = 0
    versions: set[int] = field(default_factory=set)

    @property
    def requests(self) -> int:
        return sum(map(len, self.milliseconds.values()))

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    def percentile(self, kind: str, share: float) -> float:
        """The milliseconds that `share` of the requests of a kind did not exceed."""
        ordered = sorted(self.milliseconds[kind])
        return ordered[math.ceil(share * len(ordered)) - 1]


class _Client(asyncio.Protocol):
    def __init__(self, requests: Sequence[Request], load: Load, freshness: Freshness, until: float) -> None:
        self._requests = cycle(requests)
        self._load = load
        self._freshness = freshness
        self._until = until
        self._received = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head = self._received.find(END_OF_HEAD)
        length = LENGTH.search(self._received, 0, head) if head >= 0 else None
        if length is None or len(self._received) < head + len(END_OF_HEAD) + int(length[1]):
            return
        self._note(self._received)
        self._received = b""
        if time.perf_counter() < self._until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if time.perf_counter() < self._until:
            self._load.errors += 1
        self.done.set_result(None)

    def _send(self) -> None:
        self._request = next(self._requests)
        self._least = self._freshness.version
        self._sent = time.perf_counter()
        self._transport.write(self._request.content)

    def _note(self, answer: bytes) -> None:
        milliseconds = (time.perf_counter() - self._sent) * 1000
        self._load.milliseconds.setdefault(self._request.kind, []).append(milliseconds)
        if not answer.startswith(b"HTTP/1.1 200"):
            self._load.errors += 1
        elif self._least:
            match = VERSION.search(answer)
            version = int(match[1]) if match else 0
            self._load.versions.add(version)
            self._load.stale += version < self._least


async def drive(url: str, requests: Sequence[Request], *, clients: int, seconds: float, freshness: Freshness) -> Load:
    """The load of `clients` at once for `seconds`, each of which starts at another one of the requests."""
    address = urlsplit(url)
    load = Load(seconds)
    until = time.perf_counter() + seconds
    loop = asyncio.get_running_loop()
    opened = []
    for number in range(clients):
        start = number * len(requests) // clients
        turned = [*islice(requests, start, None), *islice(requests, start)]
        _, client = await loop.create_connection(
            lambda chosen=turned: _Client(chosen, load, freshness, until),  # type: ignore[misc]
            str(address.hostname),
            int(address.port or 80),
        )
        opened.append(client.done)
    await asyncio.gather(*opened)
    return load
