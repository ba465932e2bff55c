"""Rounds of requests to all peers in turn, each of which has first answered as Despliegue does."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.clients import Freshness, Load, Request, drive
from benchmarks.measure import COMPARED_REQUESTS, Start
from benchmarks.peers.catalogue import Peer
from benchmarks.peers.environments import NotInstalledError, interpreter
from benchmarks.peers.running import NotStartedError, Running, running
from benchmarks.preparation import SIZES, read_bodies
from benchmarks.process_tree import Memory, cpu_seconds, memory
from benchmarks.required import LARGEST_DIFFERENCE

WARM_SECONDS = 1.0
ROUND_CPU_SECONDS = 0.3
MOST_ROUND_SECONDS = 3.0
CPU_TICK_SECONDS = 0.01


class RequestsFailedError(Exception):
    """Requests of a round that were answered by an error, or not at all."""


@dataclass(slots=True)
class Rounds:
    """One server. By size: milliseconds of CPU a request in each round, and of each request from end to end."""

    peer: Peer
    start: Start
    cpu_ms: dict[str, list[float]] = field(default_factory=lambda: {size: [] for size in SIZES})
    load: Load = field(default_factory=lambda: Load(0.0))
    memory: Memory | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Despliegue first, then the peers that were measured; the others with the reason why they were not."""

    measured: Sequence[Rounds]
    skipped: Mapping[str, str]


def compare(ours: Peer, peers: Sequence[Peer], folder: Path, environments: Path, rounds: int) -> Comparison:
    """Start all, compare their answers with ours, send requests in turns; a peer that cannot take part is skipped."""
    skipped: dict[str, str] = {}
    with ExitStack() as stack:
        first = stack.enter_context(_started(ours, folder, environments))
        expected = dict(_answers(first, folder))
        started = [first]
        for peer in peers:
            _tell(f"{peer.label}: installing and starting")
            try:
                with ExitStack() as own:
                    one = own.enter_context(_started(peer, folder, environments))
                    refuse_other_answers(expected, dict(_answers(one, folder)), is_label=peer.wire.is_label)
                    stack.push(own.pop_all())
            except (NotInstalledError, NotStartedError) as error:
                skipped[peer.name] = str(error)
            else:
                started.append(one)
        measured = {server.peer.name: Rounds(server.peer, server.start) for server in started}
        for size in SIZES:
            _measure(started, measured, size, folder, rounds, skipped)
        for server in started:
            if server.peer.name not in skipped:
                measured[server.peer.name].memory = memory(server.process)
    return Comparison([one for name, one in measured.items() if name not in skipped], skipped)


def _started(peer: Peer, folder: Path, environments: Path) -> AbstractContextManager[Running]:
    python = Path(sys.executable) if peer.environment is None else interpreter(peer.environment, environments)
    return running(peer, python, folder)


def refuse_other_answers(
    ours: Mapping[str, Sequence[float]], theirs: Mapping[str, Sequence[float]], *, is_label: bool
) -> None:
    """Raise NotStartedError for predictions, by size of request, that are not ours."""
    for size, values in ours.items():
        if len(values) != len(theirs[size]):
            raise NotStartedError(f"answered {len(theirs[size])} predictions for {len(values)} rows")
        expected = [float(value >= 0.5) for value in values] if is_label else values
        apart = max(abs(a - b) / max(1.0, abs(a)) for a, b in zip(expected, theirs[size], strict=True))
        if not apart <= LARGEST_DIFFERENCE:
            raise NotStartedError(f"its predictions differ from Despliegue's by {apart:.2g}: not comparable")


def _answers(server: Running, folder: Path) -> Iterator[tuple[str, list[float]]]:
    for size, count in COMPARED_REQUESTS.items():
        bodies = read_bodies(folder, size)[:count]
        yield size, [value for body in bodies for value in server.values(body, is_batch=SIZES[size] > 1)]


def _measure(
    started: Sequence[Running],
    measured: Mapping[str, Rounds],
    size: str,
    folder: Path,
    rounds: int,
    skipped: dict[str, str],
) -> None:
    """Add rounds of one size to `measured`; a peer that fails goes to `skipped`. The order changes with each round."""
    requests = {server.peer.name: _requests(server, size, folder) for server in started}
    seconds = dict.fromkeys(requests, WARM_SECONDS)
    for turn in range(-1, rounds):  # the first round warms, and finds out how long a round must be
        _tell(f"{size}: round {turn + 1} of {rounds}")
        for step in range(len(started)):
            server = started[(turn + step) % len(started)]
            name = server.peer.name
            if name in skipped:
                continue
            with _skipped_if_it_fails(server, started[0], skipped):
                load, cpu = _drive(server, requests[name], seconds[name])
                if turn < 0:
                    seconds[name] = min(
                        MOST_ROUND_SECONDS, ROUND_CPU_SECONDS * load.seconds / max(cpu, CPU_TICK_SECONDS)
                    )
                    continue
                measured[name].cpu_ms[size].append(cpu / load.requests * 1000)
                measured[name].load.milliseconds.setdefault(size, []).extend(load.milliseconds[size])


@contextmanager
def _skipped_if_it_fails(server: Running, ours: Running, skipped: dict[str, str]) -> Iterator[None]:
    try:
        yield
    except (RequestsFailedError, OSError, psutil.NoSuchProcess) as error:
        if server is ours:
            raise
        skipped[server.peer.name] = str(error)


def _requests(server: Running, size: str, folder: Path) -> list[Request]:
    wire = server.peer.wire
    path = wire.batch if SIZES[size] > 1 else wire.one
    return [Request.post(server.url, size, path, wire.body(body)) for body in read_bodies(folder, size)]


def _drive(server: Running, requests: Sequence[Request], seconds: float) -> tuple[Load, float]:
    """The load of one client, and the CPU seconds that the tree of the server took for it."""
    before = cpu_seconds(server.process)
    load = asyncio.run(drive(server.url, requests, clients=1, seconds=seconds, freshness=Freshness()))
    if load.errors or not load.requests:
        raise RequestsFailedError(f"{load.errors} of {load.requests} requests failed in a round")
    return load, cpu_seconds(server.process) - before


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
