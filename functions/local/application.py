"""Control and predict in one process over a home folder."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.types import ASGIApp

from functions.core.definition import Definition
from functions.core.patience import GATEWAY_PATIENCE_SECONDS
from functions.core.submission import Submissions
from functions.core.tokens import RecentTokens
from functions.inference.application import create_application
from functions.inference.control.context import Batching, Control
from functions.inference.control.fastapi_app import fastapi_app
from functions.inference.control.router import control_routers
from functions.inference.protocols.listed import protocol_routes
from functions.local.allowed_pages import with_allowed_pages
from functions.local.download_links import LocalDownloadLinks
from functions.local.home import Home
from functions.local.own_hosts import OwnHosts, host_of, is_loopback, names_of
from functions.local.own_pages import OwnPages
from functions.local.readiness import READINESS_PATH, readiness_router
from functions.local.token_check import TokenCheck
from functions.local.upload_links import PATH, LocalUploadLinks
from functions.serving.models import ServedModels

JOB_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class LastingParts:
    """What outlives an application that is built again: versions in memory, and the keys that sign links."""

    served: ServedModels
    links: LocalUploadLinks
    downloads: LocalDownloadLinks

    @classmethod
    def of(cls, home: Home) -> LastingParts:
        return cls(ServedModels({}, home.registry), LocalUploadLinks(home.uploads), LocalDownloadLinks(home.uploads))


def local_application(
    home: Home,
    definitions: Mapping[str, Definition],
    *,
    base_url: str,
    root_model: str | None = None,
    base_path: str = "",
    allowed_origins: Collection[str] = (),
    allowed_hosts: Collection[str] = (),
    tokens: RecentTokens | None = None,
    wait_seconds: float = GATEWAY_PATIENCE_SECONDS,
    is_stopping: Callable[[], bool] = lambda: False,
    lasting: LastingParts | None = None,
) -> ASGIApp:
    """The application that AWS runs as several functions. A trainer must watch the same home.

    A retrain waits at most `wait_seconds` for its job, and not for a queued one once `is_stopping`. Clients call it by
    the host of `base_url`, by `allowed_hosts`, and, unless that address is loopback, by any address in digits. Pages of
    `allowed_origins` may read answers. With `tokens` each route needs the scope that it needs on AWS; without, pages of
    other origins change nothing. `lasting` is what an earlier application of the same home leaves
    to this one.
    """
    lasting = lasting or LastingParts.of(home)
    registry, links, downloads = home.registry, lasting.links, lasting.downloads
    submissions = Submissions(registry, home.uploads)
    control = Control(
        definitions,
        registry,
        submissions,
        links,
        Batching(registry.storage, home.uploads, home.predictions, downloads),
        wait_seconds,
        JOB_POLL_SECONDS,
        checks_tokens=tokens is not None,
        is_stopping=is_stopping,
    )
    models = lasting.served.among(definitions)
    # the very routes of the predict functions
    app = fastapi_app([*control_routers(control), links.router(), readiness_router(models)], protocol_routes(models))

    def guard(app: Starlette) -> ASGIApp:
        # signed forms and probes carry no token
        open_paths = (PATH, READINESS_PATH)
        checked = (
            OwnPages(app, allowed_origins)
            if tokens is None
            else TokenCheck(app, tokens, open_paths, definitions.values())
        )
        takes_addresses = not is_loopback(host_of(base_url))
        return OwnHosts(checked, names_of(base_url) | frozenset(allowed_hosts), takes_addresses=takes_addresses)

    application = create_application(app, definitions.values(), root_model=root_model, base_path=base_path, guard=guard)
    # outermost, so that an allowed page can read files, and why it is refused something
    return with_allowed_pages(downloads.served_before(application, base_path), allowed_origins)
