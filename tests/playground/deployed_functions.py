"""The functions of a deployment in this process: the page over HTTP, as Lambda answers it, and those that S3 wakes.

The buckets are those of the tests' S3, behind an address of their own that answers pages by the rules of CORS of the
stack. No gateway asks for tokens: tests/deployed sees the page behind one.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import httpx

from functions.aws.events import arrivals
from functions.aws.s3_storage import S3Storage
from functions.core.definition import Definition
from functions.core.registry import Registry
from functions.core.uploads import TO_PREDICT_PREFIX, UPLOADS_PREFIX
from functions.trainer.worker import Worker
from tests.lambda_context import Context
from tests.ways import Gateway

MESSAGES: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[1] / "events" / "sqs_two_messages.json").read_bytes()
)
LOOK_SECONDS = 0.1
FRAMING = frozenset({"content-length", "transfer-encoding", "connection"})
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def started(module: str) -> Handler:
    """The handler of a module, imported as Lambda does: its settings are those of the environment now."""
    sys.modules.pop(module, None)
    handler: Handler = importlib.import_module(module).handler
    return handler


@contextmanager
def gateway_running(definition: Definition, control: Handler) -> Iterator[str]:
    """The address at which the control function answers a browser, one request at a time as Lambda does."""
    gateway = Gateway({definition.name: definition}, control, {})

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = httpx.Request(
                self.command, f"http://gateway{self.path}", headers=dict(self.headers), content=body
            )
            found = lambda_thread.submit(gateway.handle_request, request).result()
            assert isinstance(found.stream, httpx.ByteStream)
            content = b"".join(found.stream)  # as it is on the wire
            self.send_response(found.status_code)
            for header, value in found.headers.multi_items():
                if header not in FRAMING:
                    self.send_header(header, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

        do_GET = do_POST = do_PUT = do_DELETE = _answer

    with (
        # Mangum takes the event loop of its thread
        ThreadPoolExecutor(1, initializer=lambda: asyncio.set_event_loop(asyncio.new_event_loop())) as lambda_thread,
        ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server,
    ):
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            lambda_thread.submit(lambda: asyncio.get_event_loop().close()).result()


@dataclass(frozen=True, slots=True)
class Woken:
    """The functions that S3's notices, queues and the state machine wake for a file that arrives."""

    files: S3Storage
    registry: Registry
    trainer: Worker
    batches: Handler

    def keys(self) -> set[str]:
        return {*self.files.keys(UPLOADS_PREFIX), *self.files.keys(TO_PREDICT_PREFIX)}

    def deliver(self, key: str) -> None:
        """Tell of a file: it is trained on or predicted when this returns."""
        folder = self.files.prefix.rstrip("/")
        prefix, model, _, name, _ = key.split("/")
        message = _message(f"{folder}/{key}")
        if prefix == UPLOADS_PREFIX:
            # not the handler: it sets an alarm, which only the main thread of a process can
            for arrival in arrivals(message["Records"][0]["body"], prefix=folder):
                self.trainer.handle(arrival)
            return
        assert self.batches(message, Context()) == {"batchItemFailures": []}
        batch = {"model": model, "batch": name}
        planned = self.batches({"step": "plan", **batch}, Context())
        for shard in json.loads(self.registry.storage.read(planned["shards"]).body):
            self.batches({"step": "shard", **batch, "shard": shard}, Context())
        self.batches({"step": "finish", **batch}, Context())


@contextmanager
def notices_delivered(woken: Woken, posted: Callable[[], int]) -> Iterator[None]:
    """Deliver every file that is posted while the block runs; `posted` counts the forms that S3 got."""
    stop = threading.Event()

    def look() -> None:
        seen = set[str]()
        while not stop.wait(LOOK_SECONDS):
            for key in woken.keys() - seen if posted() > len(seen) else ():
                seen.add(key)
                woken.deliver(key)

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look)
        try:
            yield
        finally:
            stop.set()
        looking.result()


def _message(key: str) -> dict[str, Any]:
    """The message of a queue with S3's notice of an object."""
    messages = deepcopy(MESSAGES)
    del messages["Records"][1:]
    notice = json.loads(messages["Records"][0]["body"])
    notice["Records"][0]["s3"]["object"].update(key=quote_plus(key, safe="/"), sequencer=key)
    messages["Records"][0]["body"] = json.dumps(notice)
    return messages
