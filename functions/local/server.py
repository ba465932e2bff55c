"""The server, and its trainer."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from functions.local.child_process import AWAY_FROM_TERMINAL, training_environment
from functions.local.home import Home
from functions.local.slow_bodies import SlowBodies

logger = logging.getLogger(__name__)
RESTART_SECONDS = 1.0
BACKLOG = 1024


class Trainer:
    """The trainer process of a server, started again whenever it dies."""

    def __init__(self, home: Home, models: Path) -> None:
        module = [sys.executable, "-m", "functions.local.trainer_process"]
        self._command = [*module, "--home", str(home.root), "--models", str(models)]
        self._stop = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._finished_by: float | None = None
        self._thread = threading.Thread(target=self._supervise, daemon=True)
        self._thread.start()

    @property
    def is_stopping(self) -> bool:
        """True once it begins no other job."""
        return self._stop.is_set()

    def finish(self, grace_seconds: float) -> None:
        """Ask it to end after the job that it works on, and give it that time from now on; asked again, no more."""
        if self._finished_by is not None:
            return
        self._stop.set()
        self._finished_by = time.monotonic() + grace_seconds
        process = self._process
        if process is not None and process.stdin is not None:
            with suppress(OSError, ValueError):  # it has ended already
                os.write(process.stdin.fileno(), b"finish")

    def end(self) -> None:
        """Wait for its end if it was asked to finish, and kill it after its time: the next start takes up its job."""
        self._stop.set()
        if self._finished_by is not None:
            self._thread.join(max(0.0, self._finished_by - time.monotonic()))
        if self._thread.is_alive():
            if self._finished_by is not None:
                logger.warning("a training was not finished in time: the next start begins it again")
            if self._process is not None:
                self._process.kill()
        self._thread.join()

    def _supervise(self) -> None:
        while not self._stop.is_set():
            environment = training_environment()
            with subprocess.Popen(  # noqa: S603
                self._command, stdin=subprocess.PIPE, env=environment, **AWAY_FROM_TERMINAL
            ) as process:
                self._process = process
                if self._stop.is_set():  # the server ended while the process was started
                    process.kill()
                code = process.wait()
            if not self._stop.is_set():
                logger.error("the trainer died with code %s and is started again", code)
                self._stop.wait(RESTART_SECONDS)


@contextmanager
def trainer_running(home: Home, models: Path) -> Iterator[Trainer]:
    """Run a trainer process while the block runs."""
    trainer = Trainer(home, models)
    try:
        yield trainer
    finally:
        trainer.end()


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
