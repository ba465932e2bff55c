"""The cost of h11, which reads every request of a laptop, beside httptools: python -m benchmarks.parsers

It needs httptools, which nothing else here does: python -m pip install --target DIR httptools, and PYTHONPATH=DIR.
"""

from __future__ import annotations

import asyncio
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

from benchmarks.clients import Freshness, Request, drive
from benchmarks.measure import ONE_THREAD_ENVIRONMENT, cpu_seconds_of
from benchmarks.preparation import PROJECT, SIZES, prepare, read_bodies
from benchmarks.report import WORDS, table
from benchmarks.results_file import PARSERS, write_part
from benchmarks.servers import DESPLIEGUE

MODEL = "churn"
OURS, PEER = "h11", "httptools"
CLIENTS = 16
ROUNDS = 15
ROUND_SECONDS = 2.0
WARM_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Running:
    """A server behind one parser."""

    parser: str
    url: str
    process: int

    def cpu_seconds(self) -> float:
        """CPU time of the process so far."""
        return cpu_seconds_of(self.process)


@dataclass(slots=True)
class Rounds:
    """Requests a second, and microseconds of the server's CPU a request, in each round."""

    per_second: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)


def main() -> int:
    """Measure and write RESULTS.md; 1 if httptools is not installed or a request failed."""
    try:
        releases = {parser: version(parser) for parser in (OURS, PEER)}
    except PackageNotFoundError:
        print(__doc__, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as root:
        measured = _measure(Path(root))
    text = _document(measured, releases)
    print(text)
    write_part(PARSERS, text)
    return 0


def _measure(folder: Path) -> Mapping[str, Mapping[str, Rounds]]:
    """By size, then by parser; the parsers take turns in each round, and each begins every other one."""
    prepare(MODEL, folder)
    measured = {size: {parser: Rounds() for parser in (OURS, PEER)} for size in SIZES}
    with ExitStack() as stack:
        servers = [stack.enter_context(_running(parser, folder)) for parser in (OURS, PEER)]
        for size, rounds in measured.items():
            for server in servers:
                _drive(server, size, folder, WARM_SECONDS, Rounds())
            for turn in range(ROUNDS):
                for server in servers if turn % 2 else reversed(servers):
                    _drive(server, size, folder, ROUND_SECONDS, rounds[server.parser])
    return measured


@contextmanager
def _running(parser: str, folder: Path) -> Iterator[Running]:
    command = [sys.executable, "-m", "benchmarks.parser_process", parser, MODEL, str(folder)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=PROJECT, env=ONE_THREAD_ENVIRONMENT
    ) as process:
        try:
            assert process.stdout is not None
            yield Running(parser, process.stdout.readline().split()[-1], process.pid)
        finally:
            process.terminate()


def _drive(server: Running, size: str, folder: Path, seconds: float, rounds: Rounds) -> None:
    path = DESPLIEGUE.path(MODEL, is_batch=SIZES[size] > 1)
    requests = [Request.post(server.url, size, path, body) for body in read_bodies(folder, size)]
    before = server.cpu_seconds()
    load = asyncio.run(drive(server.url, requests, clients=CLIENTS, seconds=seconds, freshness=Freshness()))
    if load.errors:
        raise RuntimeError(f"{load.errors} of {load.requests} requests failed behind {server.parser}")
    rounds.per_second.append(load.per_second)
    rounds.cpu_us.append((server.cpu_seconds() - before) / load.requests * 1e6)


def _document(measured: Mapping[str, Mapping[str, Rounds]], releases: Mapping[str, str]) -> str:
    header = ["request", *(f"{parser}, {unit}" for unit in ("requests a second", "CPU µs") for parser in (OURS, PEER))]
    rows = [_row(size, rounds[OURS], rounds[PEER]) for size, rounds in measured.items()]
    return "\n\n".join(
        [
            "Written by `python -m benchmarks.parsers`: the application of `despliegue serve`, run by the same uvicorn"
            f" with h11 {releases[OURS]} and with httptools {releases[PEER]}, model {MODEL}, {CLIENTS} clients with a"
            f" connection each. The two take turns in {ROUNDS} rounds of {ROUND_SECONDS:g} seconds; figures are medians"
            " over the rounds, ratios medians of the ratios within a round. h11 serves because httptools loses the"
            " bodies of clients that offer HTTP/2, such as Java's.",
            f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python"
            f" {platform.python_version()}, shared with other work and with the clients: take the ratios.",
            table([*header, "requests a second, ratio", "CPU, ratio"], rows),
        ]
    )


def _row(size: str, ours: Rounds, peer: Rounds) -> list[str]:
    figures = [f"{median(found):.0f}" for found in (ours.per_second, peer.per_second, ours.cpu_us, peer.cpu_us)]
    ratios = [_ratio(ours.per_second, peer.per_second), _ratio(ours.cpu_us, peer.cpu_us)]
    return [WORDS[size], *figures, *(f"{ratio:.2f}" for ratio in ratios)]


def _ratio(ours: Sequence[float], peer: Sequence[float]) -> float:
    return median(mine / theirs for mine, theirs in zip(ours, peer, strict=True))


if __name__ == "__main__":
    sys.exit(main())
