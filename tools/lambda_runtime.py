"""The Lambda Runtime API as Lambda serves it to a function, and the real runtime client on the other end.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, version 2018-06-01.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tools.checkout import HERE, Checkout

API = "/2018-06-01/runtime"
TIMEOUT_SECONDS = 60.0


@dataclass(slots=True)
class Invocation:
    """One event for the function; `kind` is "response" or "error" once it is `done`."""

    payload: bytes
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    done: threading.Event = field(default_factory=threading.Event)
    kind: str = ""
    document: Any = None


class RuntimeApi(ThreadingHTTPServer):
    """A server that hands out events one by one and takes the function's answers."""

    daemon_threads = True

    def __init__(self, timeout_seconds: float) -> None:
        super().__init__(("127.0.0.1", 0), _Endpoint)
        self.timeout_seconds = timeout_seconds
        self.pending: queue.Queue[Invocation | None] = queue.Queue()
        self.given: dict[str, Invocation] = {}
        self.started = threading.Event()
        self.init_error: dict[str, Any] | None = None
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)
        self._thread.start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a connection that ended with the function's process."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def stop(self) -> None:
        self.pending.put(None)
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Endpoint(BaseHTTPRequestHandler):
    server: RuntimeApi
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if self.path != f"{API}/invocation/next":
            return self._answer(404)
        self.server.started.set()
        invocation = self.server.pending.get()
        if invocation is None:
            self.close_connection = True
            return None
        self.server.given[invocation.request_id] = invocation
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + self.server.timeout_seconds) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:despliegue",
            "Lambda-Runtime-Trace-Id": "Root=1-679ca0d1-2b8f1e9c5d7a4f6e8b0c1d2e;Sampled=0",
            "Content-Type": "application/json",
        }
        return self._answer(200, invocation.payload, headers)

    def do_POST(self) -> None:
        document = json.loads(self._body())
        if self.path == f"{API}/init/error":
            self.server.init_error = document
            self.server.started.set()
        else:
            request_id, kind = self.path.removeprefix(f"{API}/invocation/").split("/")
            invocation = self.server.given.pop(request_id)
            invocation.kind, invocation.document = kind, document
            invocation.done.set()
        self._answer(202, b'{"status":"OK"}')

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing: the tests look at the function's own log."""


class FunctionFailedError(RuntimeError):
    """The function crashed over an event; `document` is its report to Lambda."""

    def __init__(self, document: Any) -> None:
        super().__init__(f"the function failed: {document}")
        self.document = document


class LambdaFunction:
    """A handler in the real runtime client, in a process of its own, with `timeout_seconds` for each event."""

    def __init__(
        self,
        handler: str,
        environment: dict[str, str],
        log: Path,
        timeout_seconds: float,
        *,
        checkout: Checkout = HERE,
    ) -> None:
        self._api = RuntimeApi(timeout_seconds)
        self._log = log
        variables = {
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "TMPDIR": str(log.parent),
            "LAMBDA_TASK_ROOT": str(checkout.root),
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._api.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": "despliegue",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
            "POWERTOOLS_SERVICE_NAME": "despliegue-under-test",
            "_HANDLER": handler,
        }
        started = time.perf_counter()
        with log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603
                [checkout.python, "-m", "awslambdaric", handler],
                env={**variables, **environment},
                cwd=checkout.root,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._api.started.wait(TIMEOUT_SECONDS)
        self.init_seconds = time.perf_counter() - started

    @property
    def init_error(self) -> dict[str, Any] | None:
        """The client's report to Lambda when the handler's module cannot be imported; None where it can."""
        return self._api.init_error

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    @property
    def process_id(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def __call__(self, event: dict[str, Any]) -> Any:
        """The function's answer to an event.

        Raises FunctionFailedError where it crashed over the event, RuntimeError where it did not answer.
        """
        invocation = self._give(event)
        if not invocation.done.wait(TIMEOUT_SECONDS):
            raise RuntimeError(f"no answer; the function's log:\n{self.log}")
        if invocation.kind != "response":
            raise FunctionFailedError(invocation.document)
        return invocation.document

    def dies_of(self, event: dict[str, Any]) -> int:
        """The exit status of the process, which the event is meant to end. Raises RuntimeError where it answers."""
        invocation = self._give(event)
        status = self._process.wait(TIMEOUT_SECONDS)
        if invocation.done.is_set():
            raise RuntimeError(f"the function answered {invocation.document}")
        return status

    def _give(self, event: dict[str, Any]) -> Invocation:
        invocation = Invocation(json.dumps(event).encode())
        self._api.pending.put(invocation)
        return invocation

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._api.stop()
