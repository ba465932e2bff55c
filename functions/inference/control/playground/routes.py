"""Routes of the page where people try the models, and of its files."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from functions.core.errors import NotFoundError
from functions.inference.addresses import outside_path
from functions.inference.control.context import Control
from functions.inference.control.playground.page import page_below, page_files, page_policy
from functions.inference.known_answers import entity_tag, unless_known

CACHED_FOR_EVER = "public, max-age=31536000, immutable"


def playground_router(control: Control) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/playground")
    def playground(request: Request) -> Response:
        return playground_page(request, control)

    @router.get("/playground/{asset}")
    def playground_asset(request: Request, asset: str, digest: str = "") -> Response:
        files = page_files()
        if asset not in files:
            raise NotFoundError("file of the playground", asset, list(files))
        file = files[asset]
        known = unless_known(request, file.body, file.media_type, f'W/"{file.digest}"')
        if digest == file.digest:
            known.headers["Cache-Control"] = CACHED_FOR_EVER
        return known

    return router


def playground_page(request: Request, control: Control) -> Response:
    """The page, or 304 for a browser that has it."""
    page = page_below(outside_path(request.scope, ""))
    headers = {
        "Content-Security-Policy": page_policy(control.links.origins),
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
    }
    return unless_known(request, page, "text/html", entity_tag(page), headers)
