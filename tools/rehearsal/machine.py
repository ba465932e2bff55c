"""Requirements of the rehearsal on its machine, and their installation."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys

from tools.rehearsal.commands import run
from tools.rehearsal.places import Places

PACKAGES = ("buildah", "podman", "crun", "mmdebstrap", "uidmap", "iproute2", "iptables", "unzip")
PROGRAMS = ("buildah", "podman", "crun", "mmdebstrap", "newuidmap", "ip", "iptables", "unzip")
PLATFORMS = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}
ISOLATED = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
"""A command prefix for namespaces that reach no network, in which nothing outlives the first process."""


def missing() -> str | None:
    """The reason why this machine cannot rehearse; None where it can."""
    if sys.platform != "linux" or platform.machine() not in PLATFORMS:
        return f"it needs {' or '.join(PLATFORMS.values())}"
    if os.geteuid() != 0:
        return "it needs root, for containers and namespaces"
    if shutil.which("npm") is None:
        return "it needs node and npm, for the CDK's command line"
    if shutil.which("unshare") is None or not _works((*ISOLATED, "mount", "-t", "cgroup2", "none", "/sys/fs/cgroup")):
        return "namespaces of its own are not allowed here"
    if _absent() and shutil.which("apt-get") is None:
        return f"{', '.join(_absent())} not found, and no apt-get to install them"
    return None


def install(places: Places) -> None:
    """Install the packages that are not there; raises StepFailedError."""
    if not _absent():
        return
    log = places.log("packages")
    run(["apt-get", "update"], log)
    apt = ["apt-get", "install", "--yes", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"]
    run([*apt, *PACKAGES], log, environment={"DEBIAN_FRONTEND": "noninteractive"})


def native_platform() -> str:
    return PLATFORMS[platform.machine()]


def _absent() -> list[str]:
    return [name for name in PROGRAMS if shutil.which(name) is None]


def _works(command: tuple[str, ...]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603
