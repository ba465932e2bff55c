"""Paths as clients of other services write them, changed to paths that are served."""

from __future__ import annotations

from urllib.parse import quote

from starlette.types import ASGIApp, Receive, Scope, Send

from functions.core.routes import RESOURCES


class ForgivingPaths:
    """Serves a path with a trailing slash instead of redirecting it, and `root_model` at the root."""

    def __init__(self, app: ASGIApp, *, root_model: str | None = None) -> None:
        self._app = app
        self._root_model = root_model

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = self._served(scope["path"])
            if path != scope["path"]:
                # the raw path stays as the client wrote it, for the URL in the envelope
                raw_path = scope.get("raw_path") or quote(scope["path"]).encode()
                scope = {**scope, "path": path, "raw_path": raw_path}
        await self._app(scope, receive, send)

    def _served(self, path: str) -> str:
        # served and not redirected: many clients follow no redirect of a POST
        stripped = path.rstrip("/") or "/"
        if self._root_model and stripped[1:].partition("/")[0] in RESOURCES:
            return f"/models/{self._root_model}{stripped}"
        return stripped
