"""Signed links to files of a home, and what serves them; on AWS they are presigned links into S3."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from functions.core.errors import Fault
from functions.core.local_storage import LocalStorage
from functions.core.storage import check_key
from functions.core.uploads import LINK_SECONDS
from functions.inference.envelope import refusal
from functions.local.signer import Signer

DOWNLOADS_PATH = "/local-downloads"
READING = ("GET", "HEAD")


class LocalDownloadLinks:
    """Signer of links to files of `files`, valid for an hour and as long as the process lives."""

    def __init__(self, files: LocalStorage) -> None:
        self._files = files
        self._signer = Signer()

    def create(self, key: str, *, file_name: str) -> str:
        expires = str(int(time.time()) + LINK_SECONDS)
        signature = self._signer.sign(check_key(key), file_name, expires)
        query = {"key": key, "file_name": file_name, "expires": expires, "signature": signature}
        return f"{DOWNLOADS_PATH}?{urlencode(query)}"

    def served_before(self, app: ASGIApp, base_path: str) -> ASGIApp:
        """The application, with the links: they go past its layers, which hold an answer as a whole and limit it."""
        return _Downloads(app, self._answer, frozenset({DOWNLOADS_PATH, f"{base_path}{DOWNLOADS_PATH}"}))

    def _answer(self, request: Request) -> Response:
        query = dict(parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True))
        key, name, expires, signature = (query.get(part, "") for part in ("key", "file_name", "expires", "signature"))
        if not self._signer.has_signed(signature, key, name, expires):
            return _forbidden(request, "this link was not made by this server since its start: ask for another one")
        if time.time() > int(expires):
            return _forbidden(request, "this link has expired: ask for another one")
        path = self._files.root / key
        if not path.is_file():
            return refusal(request, 404, [Fault((), "the file is not there any more", "not_found")])
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return FileResponse(path, filename=name, media_type="application/octet-stream", headers=headers)


class _Downloads:
    """Answers what reads one of `paths`, and passes everything else on."""

    def __init__(self, app: ASGIApp, answer: Callable[[Request], Response], paths: Collection[str]) -> None:
        self._app = app
        self._answer = answer
        self._paths = paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in self._paths and scope["method"] in READING:
            await self._answer(Request(scope))(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _forbidden(request: Request, reason: str) -> Response:
    return refusal(request, 403, [Fault((), reason, "forbidden")])
