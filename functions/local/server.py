"""The server on loopback, and its trainer."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from functions.local.home import Home
from functions.local.slow_bodies import SlowBodies

logger = logging.getLogger(__name__)
RESTART_SECONDS = 1.0
BACKLOG = 1024


@contextmanager
def trainer_running(home: Home, models: Path) -> Iterator[None]:
    """Run a trainer process while the block runs; start it again if it dies."""
    stop = threading.Event()
    processes: list[subprocess.Popen[bytes]] = []
    command = [
        sys.executable,
        "-m",
        "functions.local.trainer_process",
        "--home",
        str(home.root),
        "--models",
        str(models),
    ]

    def supervise() -> None:
        while not stop.is_set():
            with subprocess.Popen(command, stdin=subprocess.PIPE, env=training_environment()) as process:  # noqa: S603
                processes[:] = [process]
                if stop.is_set():  # the block ended while the process was started
                    process.kill()
                code = process.wait()
            if not stop.is_set():
                logger.error("the trainer died with code %s and is started again", code)
                stop.wait(RESTART_SECONDS)

    thread = threading.Thread(target=supervise, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        for process in processes:
            process.kill()
        thread.join()


def training_environment() -> dict[str, str]:
    """The environment for a process that trains while others serve: idle OpenMP threads sleep instead of spinning."""
    return {"OMP_WAIT_POLICY": "PASSIVE", **os.environ}


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


def run(application: ASGIApp, found: socket.socket) -> None:
    """Serve until interrupted."""
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
    )
    uvicorn.Server(config).run(sockets=[found])
