"""A server as people start it: `despliegue serve`, a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STOP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; what it and its trainer log is in `log`."""

    process: subprocess.Popen[str]
    url: str
    log: Path


@contextmanager
def serving(folder: Path, home: Path, *options: str) -> Iterator[Server]:
    """Serve the models of `folder`/models over `home`, on a free port, while the block runs.

    Models that have nothing in production are trained on their samples first. Raises RuntimeError with the log
    of a server that does not start.
    """
    command = [sys.executable, "-m", "model_export.commands.main", "serve", "--port", "0", *options]
    environment = {**os.environ, "DESPLIEGUE_HOME": str(home), "PYTHONPATH": str(ROOT)}
    log = home.parent / "server.log"
    with (
        log.open("a") as errors,
        subprocess.Popen(  # noqa: S603
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        try:
            yield Server(process, _address(process, log), log)
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def _address(process: subprocess.Popen[str], log: Path) -> str:
    for line in process.stdout or ():
        if found := re.search(r"on (http://\S+)", line):
            return found[1]
    raise RuntimeError(f"the server did not start:\n{log.read_text()}")
