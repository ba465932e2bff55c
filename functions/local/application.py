"""Control and predict in one process over a home folder."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from starlette.types import ASGIApp

from functions.core.definition import Definition
from functions.core.patience import GATEWAY_PATIENCE_SECONDS
from functions.core.submission import Submissions
from functions.inference.application import create_application
from functions.inference.control.context import Control
from functions.inference.control.router import control_routers
from functions.inference.protocols.listed import protocol_routers
from functions.local.allowed_pages import with_allowed_pages
from functions.local.home import Home
from functions.local.own_pages import OwnPages, names_of
from functions.local.upload_links import LocalUploadLinks
from functions.serving.models import ServedModels

JOB_POLL_SECONDS = 0.05


def local_application(
    home: Home,
    definitions: Mapping[str, Definition],
    *,
    base_url: str,
    root_model: str | None = None,
    base_path: str = "",
    allowed_origins: Collection[str] = (),
    wait_seconds: float = GATEWAY_PATIENCE_SECONDS,
) -> ASGIApp:
    """The application that AWS runs as several functions. A trainer must watch the same home.

    A retrain waits at most `wait_seconds` for its job. Pages of `allowed_origins` may read and predict.
    """
    registry = home.registry
    links = LocalUploadLinks(home.uploads)
    submissions = Submissions(registry, home.uploads)
    control = Control(definitions, registry, submissions, links, wait_seconds, JOB_POLL_SECONDS)
    predicting = protocol_routers(ServedModels(definitions, registry))
    routers = [*predicting, *control_routers(control), links.router()]

    def guard(app: ASGIApp) -> ASGIApp:
        # outermost, so that an allowed page can read why it is refused something
        return with_allowed_pages(OwnPages(app, names_of(base_url), allowed_origins), allowed_origins)

    return create_application(routers, definitions.values(), root_model=root_model, base_path=base_path, guard=guard)
