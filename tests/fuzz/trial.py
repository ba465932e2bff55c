"""Clients that send the requests of the trial, one that sees how long others wait, and the memory of the server."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.fuzz.asked import Asked

CLIENTS = 6
PROBE_SECONDS = 0.05
PATIENCE_SECONDS = 120.0
"""Longer than any budget, so that a request beyond its budget is measured and not cut off."""
MOST_FAILURES = 50
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    media_type: str
    content: bytes
    is_last: bool
    """The server ends the connection."""


@dataclass(slots=True)
class Trial:
    """Counts of all answers, and what was wrong with some of them."""

    statuses: Counter[int] = field(default_factory=Counter)
    hung_up: int = 0
    failures: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")

    def note(self, asked: Asked, answered: Answered | None, seconds: float) -> None:
        if seconds > self.slowest[0]:
            self.slowest = (seconds, str(asked))
        if answered is None:
            self.hung_up += 1
            return
        self.statuses[answered.status] += 1
        reason = _fault(asked, answered)
        if reason and len(self.failures) < MOST_FAILURES:
            self.failures.append(f"{reason}: {asked} -> {answered.status} {answered.content[:300]!r}")


@dataclass(slots=True)
class Waited:
    """How long a client that asks for little waited, at most and on the whole."""

    times: int = 0
    longest_seconds: float = 0.0
    failures: list[str] = field(default_factory=list)


def send_all(url: str, requests: Sequence[Asked], trial: Trial) -> None:
    """Send the requests by several clients at once, each over a connection that it keeps."""
    lock, left = threading.Lock(), iter(requests)

    def work() -> None:
        connection: socket.socket | None = None
        while True:
            with lock:
                asked = next(left, None)
            if asked is None:
                break
            connection = connection or _connected(url)
            began = time.monotonic()
            answered = _exchange(connection, asked, url)
            with lock:
                trial.note(asked, answered, time.monotonic() - began)
            if answered is None or answered.is_last:
                connection.close()
                connection = None
        if connection is not None:
            connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        for done in [pool.submit(work) for _ in range(CLIENTS)]:
            done.result()


@contextmanager
def probing(url: str, body: bytes) -> Iterator[Waited]:
    """Ask for a sign of life and for a small prediction again and again while the block runs."""
    waited, stop = Waited(), threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=url, timeout=PATIENCE_SECONDS) as http:
            while not stop.is_set():
                for method, path, content in (("GET", "/ping", None), ("POST", "/models/churn/predict", body)):
                    began = time.monotonic()
                    answer = http.request(method, path, content=content)
                    waited.longest_seconds = max(waited.longest_seconds, time.monotonic() - began)
                    waited.times += 1
                    if answer.status_code != 200:
                        waited.failures.append(f"{method} {path} -> {answer.status_code} {answer.text[:300]}")
                stop.wait(PROBE_SECONDS)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield waited
    finally:
        stop.set()
        thread.join()


def resident_mb(process: int) -> tuple[float, float]:
    """Resident memory of a process, and of all its descendants together, MiB; 0 for one that has ended."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="utf-8").split()[1])
        children = [
            int(child)
            for task in Path(f"/proc/{process}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):
        return 0.0, 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20, sum(sum(resident_mb(child)) for child in children)


def _connected(url: str) -> socket.socket:
    address = urlsplit(url)
    return socket.create_connection((str(address.hostname), int(address.port or 80)), timeout=PATIENCE_SECONDS)


def _exchange(connection: socket.socket, asked: Asked, url: str) -> Answered | None:
    """The answer, or None if the server hung up without one."""
    with suppress(BrokenPipeError, ConnectionResetError):  # it may have answered before all was sent
        connection.sendall(asked.to_bytes(url))
    answer = http.client.HTTPResponse(connection, method=asked.method)
    try:
        answer.begin()
        content = answer.read()
    except (http.client.HTTPException, ConnectionResetError):
        return None
    if answer.getheader("content-encoding") == "gzip" and content:
        content = gzip.decompress(content)
    media_type = str(answer.getheader("content-type")).partition(";")[0]
    return Answered(answer.status, media_type, content, bool(answer.will_close))


def _is_page(target: str) -> bool:
    """True for what browsers get; / is such a page for those who prefer HTML."""
    return target.startswith(("/docs", "/playground")) or target.partition("?")[0] in ("", "/")


def _fault(asked: Asked, answered: Answered) -> str | None:
    if answered.status >= 500:
        return "an error of the server"
    if not answered.content or _is_page(asked.target):
        return None
    if answered.media_type != JSON:
        return f"no JSON but {answered.media_type}"
    try:
        json.loads(answered.content, parse_constant=_refuse)
    except ValueError as error:
        return f"broken JSON, {error}"
    return None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
