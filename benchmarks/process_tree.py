"""CPU time and memory of a process and all its descendants."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psutil

STOP_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Memory:
    """MiB of a tree; `proportional_mb` counts a page of several processes once (PSS), NaN where there is none."""

    processes: int
    resident_mb: float
    proportional_mb: float


def cpu_seconds(process: int) -> float:
    """CPU time of the process, its descendants, and those of them that have ended and were waited for."""
    seconds = 0.0
    for one in _tree(process):
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            times = one.cpu_times()
            seconds += times.user + times.system + times.children_user + times.children_system
    return seconds


def memory(process: int) -> Memory:
    resident, proportional, processes = 0, 0.0, 0
    for one in _tree(process):
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            found = one.memory_full_info()
            resident += found.rss
            proportional += getattr(found, "pss", float("nan"))
            processes += 1
    return Memory(processes, resident / 2**20, proportional / 2**20)


def end(process: subprocess.Popen[Any]) -> None:
    """Ask the process to end, wait at most STOP_SECONDS for it, and kill what is left of the whole tree."""
    with suppress(psutil.NoSuchProcess):
        found = list(_tree(process.pid))
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        for one in found:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(found, timeout=STOP_SECONDS)
    process.wait()


def _tree(process: int) -> Iterator[psutil.Process]:
    root = psutil.Process(process)
    yield root
    yield from root.children(recursive=True)
