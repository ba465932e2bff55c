"""A server as users start it: `despliegue serve`, a process of its own."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.checkout import HERE, Checkout

ROOT = HERE.root
STOP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; it and its trainer log into `log`."""

    process: subprocess.Popen[str]
    url: str
    log: Path


@contextmanager
def serving(
    folder: Path, home: Path, *options: str, checkout: Checkout = HERE, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Serve the models of `folder`/models over `home`, on a free port, while the block runs.

    Models that have nothing in production are trained on their samples first. Raises RuntimeError with the log
    of a server that does not start.
    """
    command = checkout.command("serve", "--port", "0", *options)
    environment = {**checkout.environment, **(environment or {}), "DESPLIEGUE_HOME": str(home)}
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
    raise RuntimeError(f"the server did not start:\n{log.read_text(encoding='utf-8')}")
