"""The processors that this process may use, and its threads for one computation."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path

THREADS_VARIABLE = "OMP_NUM_THREADS"
"""The variable by which numerical libraries take the number of their threads."""
CGROUP = Path("/sys/fs/cgroup")


def processor_count(cgroup: Path = CGROUP) -> int:
    """At least 1: those of the machine, as far as the affinity of the process and the quota of its container go."""
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _quota(cgroup)
    return affinity if quota is None else max(1, min(affinity, math.ceil(quota)))


def thread_count(environment: Mapping[str, str] = os.environ) -> int:
    """A thread for each processor, or fewer by the variable OMP_NUM_THREADS."""
    wanted = environment.get(THREADS_VARIABLE, "")
    processors = processor_count()
    return min(processors, int(wanted)) if wanted.isdecimal() and int(wanted) else processors


def _quota(cgroup: Path) -> float | None:
    """The processors of a container, by control groups version 2, else version 1; None without a limit."""
    version_1 = (cgroup / "cpu" / name for name in ("cpu.cfs_quota_us", "cpu.cfs_period_us"))
    for files in ((cgroup / "cpu.max",), tuple(version_1)):
        words = [word for path in files if path.is_file() for word in path.read_text(encoding="ascii").split()]
        # else "max" or -1: no limit
        if len(words) == 2 and all(word.isdecimal() for word in words) and int(words[1]):
            return int(words[0]) / int(words[1])
    return None
