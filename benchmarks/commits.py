"""Two commits of Despliegue on the same models and requests, in turns: python -m benchmarks.commits CHECKOUT

CHECKOUT is a worktree of the earlier commit; it runs in this interpreter. Exit code 1 if a required ratio is missed.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from benchmarks.measure import ROUNDS, rounds_of, running
from benchmarks.preparation import PROJECT, SIZES, prepare
from benchmarks.report import WORDS, table
from benchmarks.results_file import COMMITS, write_part
from benchmarks.servers import DESPLIEGUE, SERVERS
from tools.checkout import Checkout

REQUIRED: Mapping[tuple[str, str], float] = {("churn", "thousand"): 0.6, ("car-price", "thousand"): 0.85}
"""The most that this commit may cost, as a share of commit 5ccecb4."""
Rounds = Sequence[Sequence[float]]


def main(earlier: Path) -> int:
    measured: dict[tuple[str, str], Rounds] = {}
    with tempfile.TemporaryDirectory() as root:
        for model in SERVERS:
            folder = Path(root, model)
            folder.mkdir()
            print(f"{model}: training, then measuring", file=sys.stderr)
            prepare(model, folder)
            for size in SIZES:
                measured[model, size] = _measure(model, folder, size, earlier)
    text = _document(measured, Checkout(earlier, sys.executable).commit()[:7])
    print(text)
    write_part(COMMITS, text)
    return 0 if all(_ratio(measured[key]) <= most for key, most in REQUIRED.items()) else 1


def _measure(model: str, folder: Path, size: str, earlier: Path) -> Rounds:
    """Microseconds of CPU a request by round, of the earlier commit and of this one."""
    with ExitStack() as stack:
        roots = (earlier.resolve(), PROJECT)
        children = [stack.enter_context(running(DESPLIEGUE, model, folder, root)) for root in roots]
        return rounds_of(children, size)


def _ratio(rounds: Rounds) -> float:
    before, now = rounds
    return median(mine / theirs for mine, theirs in zip(now, before, strict=True))


def _document(measured: Mapping[tuple[str, str], Rounds], commit: str) -> str:
    header = ["model", "request", f"{commit}, µs", "now, µs", "ratio", "required", "met"]
    rows = [
        [
            model,
            WORDS[size],
            *(f"{median(one):.0f}" for one in rounds),
            f"{_ratio(rounds):.2f}",
            *_required(key, rounds),
        ]
        for key, rounds in measured.items()
        for model, size in [key]
    ]
    return "\n\n".join(
        [
            f"Written by `python -m benchmarks.commits CHECKOUT`: commit {commit} and this one on the same registry and"
            " requests, whole request bytes in and whole response bytes out, no sockets. Each has a process of its own"
            f" with one thread, and they take turns in {ROUNDS} rounds. CPU time, medians over the rounds; ratios are"
            " medians of the ratios within a round.",
            f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python"
            f" {platform.python_version()}, shared with other work: take the ratios.",
            table(header, rows),
        ]
    )


def _required(key: tuple[str, str], rounds: Rounds) -> list[str]:
    if key not in REQUIRED:
        return ["", ""]
    return [f"{REQUIRED[key]:g}", "yes" if _ratio(rounds) <= REQUIRED[key] else "**no**"]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
