"""The server, and the processes that work for it."""

from __future__ import annotations

import logging
import signal
import socket
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from functions.local.home import Home
from functions.local.slow_bodies import SlowBodies
from functions.local.supervised_child import SupervisedChild

logger = logging.getLogger(__name__)
BACKLOG = 1024


@contextmanager
def trainer_running(home: Home, models: Path, known: Collection[str]) -> Iterator[SupervisedChild]:
    """Run a trainer process while the block runs. Models that are added to the `known` ones get a first version."""
    with _running("functions.local.trainer_process", "trainer", "a training", home, models, known) as trainer:
        yield trainer


@contextmanager
def batches_running(home: Home, models: Path) -> Iterator[SupervisedChild]:
    """Run the process of batches while the block runs."""
    with _running("functions.local.batch_process", "process of batches", "a batch", home, models) as batches:
        yield batches


@contextmanager
def _running(
    module: str, name: str, work: str, home: Home, models: Path, known: Collection[str] | None = None
) -> Iterator[SupervisedChild]:
    arguments = ["--home", str(home.root), "--models", str(models)]
    arguments += [] if known is None else ["--known", *known]
    child = SupervisedChild(module, arguments, name=name, work=work)
    try:
        yield child
    finally:
        child.end()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 picks a free one. Raises OSError for a port in use."""
    # asyncio sets TCP_NODELAY only for sockets that name the protocol; without it small answers are delayed
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


class _Server(uvicorn.Server):
    """A server that calls `on_stop` as soon as SIGTERM asks it to stop."""

    def __init__(self, config: uvicorn.Config, on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_stop = on_stop

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if sig == signal.SIGTERM:
            self._on_stop()
        super().handle_exit(sig, frame)


def run(
    application: ASGIApp,
    found: socket.socket,
    *,
    grace_seconds: int | None = None,
    trusts_proxies: bool = False,
    on_stop: Callable[[], None] = lambda: None,
) -> None:
    """Serve until a signal: then take no more connections, and give the requests in flight the time to end.

    The signal is raised again at the end. With `trusts_proxies` the scheme (http or https) is the one that a proxy
    names in X-Forwarded-Proto; without, only proxies of this machine are believed.
    """
    # httptools loses the body of a request that offers HTTP/2 (Upgrade: h2c), as Java's client and curl --http2 do, and
    # takes it for the next request: github.com/Kludex/uvicorn/issues/2722
    config = uvicorn.Config(
        SlowBodies(application),
        http="h11",
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        forwarded_allow_ips="*" if trusts_proxies else None,
        timeout_graceful_shutdown=grace_seconds,
    )
    _Server(config, on_stop).run(sockets=[found])


@contextmanager
def left_on_sigterm() -> Iterator[None]:
    """Leave the block by SystemExit(0) when SIGTERM comes: Python would die at once, and ignores it as process 1."""

    def leave(sig: int, frame: FrameType | None) -> None:
        raise SystemExit(0)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
