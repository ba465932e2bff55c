"""Chromium without a window, for one page at a time."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.clients.programs import chromium

# a container may forbid the sandbox of its own; nothing but the pages of the tests is opened
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run")
REBOUND = "rebound.example"
"""A name of a stranger that leads to this machine, as it does after DNS rebinding."""


@contextmanager
def opened(url: str, profile: Path) -> Iterator[None]:
    """Keep a page open while the block runs."""
    with subprocess.Popen([*command(profile), url], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


def command(profile: Path) -> list[str]:
    rebinding = f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1"
    return [chromium(), *OPTIONS, f"--user-data-dir={profile}", rebinding]
