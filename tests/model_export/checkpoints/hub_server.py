"""As much of the Hugging Face hub as fetching a model needs: its list of files, and the files."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

REVISION = "0123456789abcdef0123456789abcdef01234567"


@dataclass(slots=True)
class Hub:
    """Serves `folder` as the model `hub_id`; with a `token`, to its bearer only. `seen` are (path, authorization).

    Of a path that ends with `torn` the connection breaks in the middle of the body, with `short` half of the body is
    missing, and with `unanswered` the connection ends without an answer. A commit that is `unknown` is not there.
    """

    folder: Path
    hub_id: str = "becas/longformer-squad-es"
    token: str | None = None
    gated: bool = False
    status: int | None = None
    address: str = ""
    torn: str | None = None
    short: str | None = None
    unanswered: str | None = None
    unknown: str | None = None
    seen: list[tuple[str, str | None]] = field(default_factory=list)

    def refusal(self, path: str, authorization: str | None) -> tuple[int, str] | None:
        """The status and the hub's error code, for what is not shown to this caller."""
        if self.status is not None:
            return self.status, ""
        if f"/{self.hub_id}/" not in f"{path}/":
            return 404, "RepoNotFound"
        if self.unknown is not None and f"/{self.unknown}" in path:
            return 404, "RevisionNotFound"
        if self.gated:
            return 403, "GatedRepo"
        if self.token is not None and authorization != f"Bearer {self.token}":
            return 401, ""
        return None


@contextmanager
def serving(hub: Hub, handler: type[Handler] | None = None) -> Iterator[Hub]:
    """`hub` with its address, for as long as the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (handler or Handler,), {"hub": hub}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    hub.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path, authorization = self.path.partition("?")[0], self.headers.get("Authorization")
        self.hub.seen.append((path, authorization))
        refusal = self.hub.refusal(path, authorization)
        if self._is_asked_for(self.hub.unanswered):
            self.close_connection = True
        elif refusal is not None:
            status, code = refusal
            self._answer(status, b"{}", {"X-Error-Code": code} if code else {})
        elif path.startswith("/api/models/"):
            self._answer(200, json.dumps(self.listing()).encode(), {"Content-Type": "application/json"})
        else:
            self._file(path.rsplit("/", 1)[-1])

    do_HEAD = do_GET

    def listing(self) -> dict[str, Any]:
        siblings = [{"rfilename": path.name} for path in sorted(self.hub.folder.iterdir())]
        return {"id": self.hub.hub_id, "sha": REVISION, "siblings": siblings}

    def _file(self, name: str) -> None:
        body = (self.hub.folder / name).read_bytes()
        etag = hashlib.sha256(body).hexdigest()
        self._answer(200, body, {"ETag": f'"{etag}"', "X-Repo-Commit": REVISION})

    def _is_asked_for(self, ending: str | None) -> bool:
        return ending is not None and self.path.partition("?")[0].endswith(ending)

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        if self.command == "GET" and self._is_asked_for(self.hub.short):
            body = body[: len(body) // 2]
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET" and self._is_asked_for(self.hub.torn):
            body = body[: len(body) // 2]
            self.close_connection = True
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Quiet."""
