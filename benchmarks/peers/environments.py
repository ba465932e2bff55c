"""Virtual environments of the peers, outside of the repository, each from its file in requirements/."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements")
COMPLETE = "installed.sha256"
"""The file of an environment that holds the digest of the requirements it was made from, written last."""
INSTALL_SECONDS = 1800
SHOWN_CHARACTERS = 200


class NotInstalledError(Exception):
    """An environment that could not be made; the message is the last line of what pip or venv wrote."""


def default_folder() -> Path:
    """Despliegue's own folder among the caches of the user."""
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches, "despliegue-peers")


def interpreter(name: str, folder: Path) -> Path:
    """Python in the environment of `requirements`/name.txt, which is made unless it is there, complete and of today.

    Raises NotInstalledError.
    """
    requirements = REQUIREMENTS / f"{name}.txt"
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    environment = folder / name
    python = environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    complete = environment / COMPLETE
    if not (python.is_file() and complete.is_file() and complete.read_text() == digest):
        try:
            environment.mkdir(parents=True, exist_ok=True)
            complete.unlink(missing_ok=True)
        except OSError as error:
            raise NotInstalledError(str(error)) from error
        _run([sys.executable, "-m", "venv", str(environment)])
        _run([str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", str(requirements)])
        complete.write_text(digest)
    return python


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        raise NotInstalledError(f"the installation took more than {INSTALL_SECONDS} s") from None
    if done.returncode:
        raise NotInstalledError(last_line(done.stdout + done.stderr))


def last_line(text: str) -> str:
    """The last line that says something, cut to what a table can show."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:SHOWN_CHARACTERS] if lines else "nothing was written"
