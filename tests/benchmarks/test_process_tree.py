"""CPU time, memory and end of a process with children."""

from __future__ import annotations

import subprocess
import sys

import psutil

from benchmarks.process_tree import cpu_seconds, end, memory

BUSY = "import time; until = time.process_time() + 0.3\nwhile time.process_time() < until: pass"
PARENT = f"""
import subprocess, sys, time
subprocess.run([sys.executable, "-c", {BUSY!r}])
child = subprocess.Popen([sys.executable, "-c", {BUSY + chr(10) + "print(1, flush=True); time.sleep(600)"!r}])
time.sleep(600)
"""


def test_the_children_count_alive_or_ended_and_all_end_together() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        tree = [process.pid, *(child.pid for child in psutil.Process(process.pid).children(recursive=True))]
        found, held = cpu_seconds(process.pid), memory(process.pid)
        end(process)
    assert found >= 0.6
    assert held.processes == 2
    assert held.resident_mb > 5
    assert [one for one in tree if psutil.pid_exists(one) and psutil.Process(one).status() != "zombie"] == []
