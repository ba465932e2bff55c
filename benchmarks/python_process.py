"""A program of Python in a process of its own, with what it cost."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from benchmarks.measure import ONE_THREAD_ENVIRONMENT
from benchmarks.preparation import PROJECT


def run_python(arguments: Sequence[str]) -> tuple[float, float, str]:
    """CPU seconds of a process and its children, the memory of the largest of them in MiB, and what it printed."""
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(
            [sys.executable, *arguments], stdout=printed, cwd=PROJECT, env=dict(ONE_THREAD_ENVIRONMENT)
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}: see its own error above")
        printed.seek(0)
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, printed.read().decode()
