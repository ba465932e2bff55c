"""Rounds of requests to all servers of a model in turn, each server in its own process."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.preparation import PROJECT, SIZES
from benchmarks.servers import SERVERS, Server

ROUNDS = 15
ROUND_SECONDS = 0.2
STARTS = 5
MEMORY_REQUESTS = 1000
COMPARED_REQUESTS = {"one": 50, "thousand": 1}
ONE_THREAD_ENVIRONMENT = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Environment variables for one thread; Despliegue itself limits ONNX Runtime."""


@dataclass(frozen=True, slots=True)
class Start:
    """The time from the start of the interpreter to the first answer."""

    cpu_seconds: float
    wall_seconds: float
    resident_mb: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """One server. `cpu_us` by size: microseconds of CPU a request in each round, rounds in order."""

    server: Server
    start: Start
    resident_after_mb: float
    cpu_us: Mapping[str, Sequence[float]]
    largest_difference: float
    """The largest distance of a peer's predictions, relative to the greater one of 1 and the value."""

    def median_us(self, size: str) -> float:
        return median(self.cpu_us[size])

    def ratio_to(self, other: Measurement, size: str) -> float:
        """The median of the ratios within each round, so that a slow minute affects both servers."""
        return median(mine / theirs for mine, theirs in zip(self.cpu_us[size], other.cpu_us[size], strict=True))


class Child:
    """A server process that reads and writes lines of JSON."""

    def __init__(self, process: subprocess.Popen[str], start: Start) -> None:
        self._process = process
        self.start = start

    def do(self, what: str, size: str, count: int) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": what, "size": size, "count": count}) + "\n")
        self._process.stdin.flush()
        return _read(self._process)


@contextmanager
def running(server: Server, model: str, folder: Path, root: Path = PROJECT) -> Iterator[Child]:
    """The server in a fresh process while the block runs, with the code of the checkout at `root`."""
    command = [sys.executable, "-m", "benchmarks.server_process", model, server.name, str(folder)]
    before = time.perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root, env=ONE_THREAD_ENVIRONMENT
    ) as process:
        start = _read(process)
        wall_seconds = time.perf_counter() - before
        yield Child(process, Start(start["cpu_seconds"], wall_seconds, start["resident_mb"]))
        assert process.stdin is not None
        process.stdin.close()


def measure(model: str, folder: Path) -> list[Measurement]:
    """All servers of a model, Despliegue first."""
    servers = SERVERS[model]
    starts = _starts(servers, model, folder)
    with ExitStack() as stack:
        children = [stack.enter_context(running(server, model, folder)) for server in servers]
        after = [child.do("round", "one", MEMORY_REQUESTS)["resident_mb"] for child in children]
        cpu_us = {size: rounds_of(children, size) for size in SIZES}
        differences = _differences(children)
    return [
        Measurement(
            server=server,
            start=starts[place],
            resident_after_mb=after[place],
            cpu_us={size: cpu_us[size][place] for size in SIZES},
            largest_difference=differences[place],
        )
        for place, server in enumerate(servers)
    ]


def _starts(servers: Sequence[Server], model: str, folder: Path) -> list[Start]:
    starts_of: list[list[Start]] = [[] for _ in servers]
    for _ in range(STARTS):
        for place, server in enumerate(servers):
            with running(server, model, folder) as child:
                starts_of[place].append(child.start)
    return [
        Start(
            median(one.cpu_seconds for one in starts),
            median(one.wall_seconds for one in starts),
            median(one.resident_mb for one in starts),
        )
        for starts in starts_of
    ]


def rounds_of(children: Sequence[Child], size: str) -> list[list[float]]:
    """Microseconds of CPU a request, by child and round; the order of the children changes with each round."""
    counts = [_count(child, size) for child in children]
    rounds: list[list[float]] = [[] for _ in children]
    for turn in range(ROUNDS):
        for step in range(len(children)):
            place = (turn + step) % len(children)
            seconds = children[place].do("round", size, counts[place])["cpu_seconds"]
            rounds[place].append(seconds / counts[place] * 1e6)
    return rounds


def _count(child: Child, size: str) -> int:
    """The number of requests that fill a round."""
    tried = 5
    seconds: float = child.do("round", size, tried)["cpu_seconds"] / tried
    return max(tried, math.ceil(ROUND_SECONDS / seconds))


def cpu_seconds_of(process: int) -> float:
    """CPU time of a process so far, to a hundredth of a second. Raises OSError where the system has no /proc."""
    # the name of the program, which may have spaces, ends with the last parenthesis
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _differences(children: Sequence[Child]) -> list[float]:
    largest = [0.0 for _ in children]
    for size, count in COMPARED_REQUESTS.items():
        expected, *others = (child.do("values", size, count)["values"] for child in children)
        for place, values in enumerate(others, start=1):
            apart = (abs(a - b) / max(1.0, abs(a)) for a, b in zip(expected, values, strict=True))
            largest[place] = max(largest[place], *apart)
    return largest


def _read(process: subprocess.Popen[str]) -> Any:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("a server ended before it answered: see its own error above")
    return json.loads(line)
