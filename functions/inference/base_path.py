"""Routes below a base path, wherever it is taken off: here, or already by a gateway or a proxy."""

from __future__ import annotations

from urllib.parse import quote

from starlette.types import ASGIApp, Receive, Scope, Send

from functions.inference.addresses import BASE_PATH_KEY


class BelowBasePath:
    """Takes `base_path`, such as /ml, off the path of each request, once and as whole parts: /mlx/models stays.

    A path without it is served as it is: some proxies take it off themselves, and the API Gateway's own endpoint has
    none. The addresses in answers have it in either case, because clients need it.
    """

    def __init__(self, app: ASGIApp, base_path: str) -> None:
        self._app = app
        self._base_path = base_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(self._below(scope) if scope["type"] == "http" else scope, receive, send)

    def _below(self, scope: Scope) -> Scope:
        # not Starlette's root_path, which has to be a part of every path, and which guards and our own routing overlook
        path: str = scope["path"]
        raw_path: bytes = scope.get("raw_path") or quote(path).encode()
        if path == self._base_path or path.startswith(f"{self._base_path}/"):
            path = path.removeprefix(self._base_path) or "/"
        elif path.startswith("/"):
            raw_path = self._base_path.encode() + raw_path
        return {**scope, "path": path, "raw_path": raw_path, BASE_PATH_KEY: self._base_path}
