"""Control and predict in one process over a home folder."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import ASGIApp

from functions.core.definition import Definition
from functions.core.submission import Submissions
from functions.inference.application import create_application
from functions.inference.services import Control, Inference
from functions.local.home import Home
from functions.local.upload_links import LocalUploadLinks

POLL_SECONDS = 0.05


def local_application(
    home: Home, definitions: Mapping[str, Definition], *, base_url: str, root_model: str | None = None
) -> ASGIApp:
    """The application that AWS runs as several functions; a trainer must watch the same home."""
    registry = home.registry
    links = LocalUploadLinks(home.uploads, base_url)
    control = Control(definitions, registry, Submissions(registry, home.uploads), links, poll_seconds=POLL_SECONDS)
    inference = Inference(definitions, registry)
    return create_application(control=control, inference=inference, root_model=root_model, also=[links.router()])
