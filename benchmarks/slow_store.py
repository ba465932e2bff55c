"""An S3 that answers each request after a pause and counts them, in a process of its own.

It keeps connections open, as S3 does. It reads, also under If-None-Match, writes, and lists (ListObjectsV2, a thousand
names a request), which is what predictions and lists of a registry need.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.sharedctypes import Synchronized
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

NAMES_PER_REQUEST = 1000
START_SECONDS = 120.0
MODIFIED = "2026-01-01T00:00:00.000Z"


@dataclass(frozen=True, slots=True)
class SlowStore:
    """The address of a running store, and its count of requests."""

    url: str
    counter: Synchronized[int]

    def taken(self) -> int:
        """The requests since the last call."""
        with self.counter.get_lock():
            count, self.counter.value = self.counter.value, 0
        return count


@contextmanager
def slow_store(objects: Mapping[str, bytes], pause_seconds: float) -> Iterator[SlowStore]:
    """A store with these objects in any bucket, which lives while the block runs."""
    context = multiprocessing.get_context("spawn")
    counter = context.Value("i", 0)
    ready, report = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(dict(objects), pause_seconds, counter, report), daemon=True)
    process.start()
    try:
        if not ready.poll(START_SECONDS):
            raise RuntimeError("the store did not start")
        yield SlowStore(f"http://127.0.0.1:{ready.recv()}", counter)
    finally:
        process.terminate()
        process.join()


class _Store(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, objects: dict[str, bytes], pause_seconds: float, counter: Synchronized[int]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects = objects
        self.ordered = sorted(objects)
        self.pause_seconds = pause_seconds
        self.counter = counter


def _serve(objects: dict[str, bytes], pause_seconds: float, counter: Synchronized[int], report: Any) -> None:
    server = _Store(objects, pause_seconds, counter)
    report.send(server.server_port)
    server.serve_forever()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # one packet for head and body: otherwise the kernel waits for an acknowledgement between them
    wbufsize = -1
    server: _Store

    def do_GET(self) -> None:
        self._pause()
        place = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(place.query, keep_blank_values=True).items()}
        if "list-type" in query:
            return self._answer(200, _listing(self.server.ordered, query))
        body = self.server.objects.get(_key(place.path))
        if body is None:
            return self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        return self._answer(200, body)

    do_HEAD = do_GET

    def do_PUT(self) -> None:
        self._pause()
        key = _key(urlsplit(self.path).path)
        if key not in self.server.objects:
            self.server.ordered.insert(bisect_left(self.server.ordered, key), key)
        self.server.objects[key] = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200, b"")

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def _pause(self) -> None:
        with self.server.counter.get_lock():
            self.server.counter.value += 1
        time.sleep(self.server.pause_seconds)

    def _answer(self, status: int, body: bytes) -> None:
        etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
        if status == 200 and self.headers.get("If-None-Match") == etag:
            status, body = 304, b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", etag)
        self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _key(path: str) -> str:
    """The key of a path /bucket/key."""
    return unquote(path).removeprefix("/").partition("/")[2]


def _listing(ordered: list[str], query: Mapping[str, str]) -> bytes:
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    place = bisect_left(ordered, prefix)
    if after := query.get("continuation-token") or query.get("start-after"):
        place = max(place, bisect_right(ordered, after))
    found: list[str] = []
    last = ""
    while len(found) < NAMES_PER_REQUEST and place < len(ordered) and ordered[place].startswith(prefix):
        last = ordered[place]
        rest, cut, _ = last[len(prefix) :].partition(delimiter) if delimiter else (last[len(prefix) :], "", "")
        place += 1
        if cut:
            last = f"{prefix}{rest}{cut}\U0010ffff"
            place = bisect_right(ordered, last)
        found.append(f"{prefix}{rest}{cut}")
    is_cut = place < len(ordered) and ordered[place].startswith(prefix)
    entries = "".join(_entry(name, query.get("encoding-type"), delimiter) for name in found)
    token = f"<NextContinuationToken>{escape(last)}</NextContinuationToken>" if is_cut else ""
    encoding = "<EncodingType>url</EncodingType>" if "encoding-type" in query else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Name>bucket</Name><Prefix>{escape(prefix)}</Prefix>{encoding}<KeyCount>{len(found)}</KeyCount>"
        f"<MaxKeys>{NAMES_PER_REQUEST}</MaxKeys><IsTruncated>{str(is_cut).lower()}</IsTruncated>{token}{entries}"
        "</ListBucketResult>"
    ).encode()


def _entry(name: str, encoding: str | None, delimiter: str) -> str:
    written = quote(name, safe="/") if encoding else escape(name)
    if delimiter and name.endswith(delimiter):
        return f"<CommonPrefixes><Prefix>{written}</Prefix></CommonPrefixes>"
    return (
        f"<Contents><Key>{written}</Key><LastModified>{MODIFIED}</LastModified>"
        '<ETag>"d41d8cd98f00b204e9800998ecf8427e"</ETag><Size>0</Size><StorageClass>STANDARD</StorageClass></Contents>'
    )
