"""The measurements as a document."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from benchmarks.breakdown import Breakdown
from benchmarks.measure import MEMORY_REQUESTS, ROUNDS, STARTS, Measurement
from benchmarks.preparation import SIZES
from benchmarks.required import Verdict

LIBRARIES = ("fastapi", "flask", "joblib", "numpy", "onnxruntime", "orjson", "pandas", "pydantic", "scikit-learn")
WORDS = {"one": "1 row", "thousand": "1000 rows"}


@dataclass(frozen=True, slots=True)
class Compared:
    """All measurements of one model; `rows` describes the rows on which it was trained."""

    model: str
    rows: str
    measured: Sequence[Measurement]
    verdicts: Sequence[Verdict]
    breakdown: Breakdown


def document(compared: Sequence[Compared]) -> str:
    """Markdown for RESULTS.md: the required figures, then all servers of each model."""
    parts = [
        "Written by `python -m benchmarks`: Despliegue and services as tutorials write them, with the same models and"
        " requests, whole request bytes in and whole response bytes out, no sockets. Each server has a process of its"
        f" own with one thread; the servers take turns in {ROUNDS} rounds. Times are CPU time of the process, medians"
        " over the rounds; ratios are medians of the ratios within a round, so that they hold on a busy machine too."
        " Take the ratios: the times belong to the machine.",
        _machine(),
        "## Required",
        _required(verdict for one in compared for verdict in one.verdicts),
        *(part for one in compared for part in _model(one)),
    ]
    return "\n\n".join(parts) + "\n"


def _machine() -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()},"
        f" Python {platform.python_version()}; {libraries}."
    )


def _required(verdicts: Iterable[Verdict]) -> str:
    rows = [
        [one.model, WORDS[one.size], f"1/{one.required:g}", f"1/{one.measured:.1f}", "yes" if one.is_met else "**no**"]
        for one in verdicts
    ]
    return table(["model", "request", "CPU of peer A: at most", "measured", "met"], rows)


def _model(one: Compared) -> list[str]:
    return [
        f"## {one.model}, trained on {one.rows}",
        table(["server", *(cell for size in SIZES for cell in (f"{WORDS[size]}, ms", "times ours"))], _costs(one)),
        f"Start: from the start of the interpreter to the first answer, medians of {STARTS} fresh processes. Memory:"
        f" resident, after the first answer and after {MEMORY_REQUESTS} more requests of one row.",
        table(["server", "start, CPU s", "start, s", "memory, MiB", "after requests, MiB"], _starts(one)),
        "Despliegue's own time, stage by stage (microseconds of CPU):",
        table(["stage", *WORDS.values()], _stages(one)),
    ]


def _costs(one: Compared) -> list[list[str]]:
    ours = one.measured[0]
    return [
        [
            peer.server.label,
            *(
                cell
                for size in SIZES
                for cell in (f"{peer.median_us(size) / 1000:.3g}", f"{peer.ratio_to(ours, size):.2f}")
            ),
        ]
        for peer in one.measured
    ]


def _starts(one: Compared) -> list[list[str]]:
    return [
        [
            peer.server.label,
            f"{peer.start.cpu_seconds:.2f}",
            f"{peer.start.wall_seconds:.2f}",
            f"{peer.start.resident_mb:.0f}",
            f"{peer.resident_after_mb:.0f}",
        ]
        for peer in one.measured
    ]


def _stages(one: Compared) -> list[list[str]]:
    names = one.breakdown["one"]
    return [[name, *(f"{one.breakdown[size][name]:.0f}" for size in SIZES)] for name in names]


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[place]) for row in (header, *rows)) for place in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        return f"| {' | '.join(padded)} |"

    return "\n".join([line(header), line(["-" * width for width in widths]), *map(line, rows)])
