"""The comparison as a part of RESULTS.md."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from statistics import median

from benchmarks.measure import ratio_within_rounds
from benchmarks.peers.catalogue import PEERS, Peer
from benchmarks.peers.comparison import Comparison, Rounds
from benchmarks.peers.environments import REQUIREMENTS
from benchmarks.preparation import SIZES
from benchmarks.report import WORDS, table

HEADER = (
    "server",
    "release",
    *(cell for size in SIZES for cell in (f"{WORDS[size]}, CPU ms", "times ours")),
    "1 row, p50 / p99 ms",
    "RSS / PSS MiB (processes)",
    "start, s",
    "start, CPU s",
)


def document(model: str, compared: Comparison, rounds: int, loads: Sequence[float]) -> str:
    """Markdown: what was done, and a line for each server, measured or skipped; `loads` are before and after."""
    ours = compared.measured[0]
    rows = [[*_row(one, ours)] for one in compared.measured]
    skipped = [_skipped(peer, compared.skipped[peer.name]) for peer in PEERS[model] if peer.name in compared.skipped]
    return "\n\n".join(
        [
            "Written by `python -m benchmarks.peers`: each server as its users start it, with one worker, in an"
            " environment of its own (benchmarks/peers/requirements), over HTTP on loopback, one client that keeps its"
            " connection. Before, each has answered as Despliegue does. CPU time is that of the whole tree of"
            f" processes, medians of {rounds} rounds, in which the servers take turns; ratios are medians of the ratios"
            " within a round. Start: from the start of the process to the first answer, once each. PSS counts a page"
            " that processes share once. uvicorn has uvloop and httptools where a peer's own instructions install them;"
            " Despliegue's has neither. Access logs are off where a server has an option for that.",
            f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python"
            f" {platform.python_version()}, load {' to '.join(f'{load:.0f}' for load in loads)}, shared with other work"
            " and with the client: take the ratios. Latency and the seconds of a start belong to that load more than to"
            " the server.",
            table(HEADER, [*rows, *skipped]),
        ]
    )


def release(peer: Peer) -> str:
    """The package of the peer with the version that its requirements pin; nothing for Despliegue."""
    if peer.environment is None:
        return ""
    text = (REQUIREMENTS / f"{peer.environment}.txt").read_text("utf-8")
    found = re.search(rf"^{re.escape(peer.package)}==(\S+)", text, re.MULTILINE)
    return f"{peer.package} {found[1]}" if found else ""


def _row(one: Rounds, ours: Rounds) -> Sequence[str]:
    costs = [
        cell
        for size in SIZES
        for cell in (
            f"{median(one.cpu_ms[size]):.3g}",
            f"{ratio_within_rounds(one.cpu_ms[size], ours.cpu_ms[size]):.2f}",
        )
    ]
    half, most = (one.load.percentile("one", share) for share in (0.5, 0.99))
    memory = one.memory
    held = f"{memory.resident_mb:.0f} / {memory.proportional_mb:.0f} ({memory.processes})" if memory else ""
    start = [f"{one.start.wall_seconds:.1f}", f"{one.start.cpu_seconds:.2f}"]
    return [one.peer.label, release(one.peer), *costs, f"{half:.1f} / {most:.1f}", held, *start]


def _skipped(peer: Peer, reason: str) -> Sequence[str]:
    shown = reason.replace("|", "\\|")
    return [peer.label, release(peer), f"skipped: {shown}", *[""] * (len(HEADER) - 3)]
