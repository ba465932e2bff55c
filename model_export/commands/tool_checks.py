"""Checks of the tools on this machine that a deployment takes: Python, a builder of images, Node.js and the CDK."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence

from model_export.commands.checked import Checked

PYTHONS = ((3, 11), (3, 13))
"""The first and the last minor version of Python, as in pyproject.toml."""
NODE_MAJOR = 22
CDK = "2.1148.1"
"""The release of the CDK's command line that the workflow installs. An older one does not read newer templates."""
BUILDER = "CDK_DOCKER"
"""The variable by which the CDK takes another builder of images than docker."""
OTHER_BUILDERS = ("finch", "podman")
ATTESTATIONS = "BUILDX_NO_DEFAULT_ATTESTATIONS"
ARM = ("arm64", "aarch64")
SECONDS = 20
VERSION_NUMBERS = re.compile(r"(\d+)\.(\d+)\.(\d+)")


def checked_python(version: Sequence[int] = sys.version_info[:3]) -> Checked:
    first, last = ((".".join(map(str, one))) for one in PYTHONS)
    found = ".".join(map(str, version[:3]))
    if PYTHONS[0] <= tuple(version[:2]) <= PYTHONS[1]:
        return Checked("python", "ok", found)
    return Checked("python", "fault", found, f"use Python {first} to {last}: make PYTHON=python{last} ...")


def checked_tools(environment: Mapping[str, str] = os.environ, machine: str | None = None) -> Iterator[Checked]:
    """What builds images, whether Lambda will take them, and what deploys them. `machine` is the processor's name."""
    yield _builder(environment)
    if environment.get(ATTESTATIONS) == "1":
        yield Checked("attestations", "ok", f"{ATTESTATIONS}=1")
    else:
        yield Checked(
            "attestations",
            "fault",
            f"{ATTESTATIONS} is not 1, and Lambda takes no image with attestations",
            f"export {ATTESTATIONS}=1",
        )
    if (machine or platform.machine()).lower() in ARM:
        advice = "deploy with -c platform=linux/arm64, whose images are built without emulation"
        yield Checked("processor", "note", "ARM, and the stack is for linux/amd64 by default", advice)
    yield _at_least("node", NODE_MAJOR, f"install Node.js {NODE_MAJOR} or later: https://nodejs.org")
    yield _at_least("cdk", CDK, f"npm install --global aws-cdk@{CDK}")


def _builder(environment: Mapping[str, str]) -> Checked:
    tool = environment.get(BUILDER) or "docker"
    if shutil.which(tool) is None:
        other = next((one for one in OTHER_BUILDERS if shutil.which(one)), None)
        use_other = f"export {BUILDER}={other}" if other else "install Docker, or Finch with CDK_DOCKER=finch"
        return Checked("images", "fault", f"{tool} is not on the PATH", use_other)
    # the client alone answers --version: `info` asks what builds
    done = _run(tool, "info")
    if done is None or done.returncode != 0:
        return Checked(
            "images", "fault", f"{tool} is installed and does not answer", f"start it, until `{tool} info` works"
        )
    return Checked("images", "ok", f"{tool} answers")


def _at_least(tool: str, wanted: int | str, advice: str) -> Checked:
    if shutil.which(tool) is None:
        return Checked(tool, "fault", f"{tool} is not on the PATH", advice)
    done = _run(tool, "--version")
    numbers = VERSION_NUMBERS.search(done.stdout) if done else None
    if numbers is None:
        return Checked(tool, "fault", f"{tool} --version names no version", advice)
    least = tuple(int(part) for part in str(wanted).split("."))
    is_enough = tuple(map(int, numbers.groups())) >= least
    return Checked(tool, "ok", numbers[0]) if is_enough else Checked(tool, "fault", f"{numbers[0]} is too old", advice)


def _run(tool: str, *arguments: str) -> subprocess.CompletedProcess[str] | None:
    """The ended command; None where it cannot be started, or does not end."""
    try:
        # found by which: on Windows, cdk is a script that only its whole path starts
        command = [shutil.which(tool) or tool, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
