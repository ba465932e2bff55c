"""A million rows through `despliegue train` and through a script of scikit-learn: python -m benchmarks.million

It needs 6 GB of memory for the script, and about five minutes.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from benchmarks.million_rows import MODEL, write_rows
from benchmarks.preparation import MODELS
from benchmarks.python_process import run_python
from benchmarks.report import table
from benchmarks.results_file import MILLION, write_part
from functions.core.locations import open_storage
from functions.core.registry import Registry

ROUNDS = 2
MOST_TIMES = 1.2
"""The most CPU time and memory of `despliegue train`, as a multiple of the script's."""
LARGEST_DIFFERENCE = 1e-4
"""Between the two values of roc_auc: the script keeps the spelling of the table, and so sums in another order."""
OURS, SCRIPT = "despliegue train", "pandas, DictVectorizer, LogisticRegression"


@dataclass(frozen=True, slots=True)
class Training:
    """One training in a process of its own."""

    cpu_seconds: float
    peak_mb: float
    roc_auc: float


def main() -> int:
    """Measure, print and write the part of RESULTS.md; 1 if a ratio is too large or the models differ."""
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        described = prepare(folder)
        runs: dict[str, Callable[[int], Training]] = {
            OURS: lambda turn: _despliegue(folder, turn),
            SCRIPT: lambda turn: _script(folder),
        }
        measured: dict[str, list[Training]] = {name: [] for name in runs}
        for turn in range(ROUNDS):
            for name in (OURS, SCRIPT) if turn % 2 else (SCRIPT, OURS):
                measured[name].append(runs[name](turn))
                print(f"round {turn + 1}, {name}: {measured[name][-1]}", file=sys.stderr)
    text = _document(measured, described)
    print(text)
    write_part(MILLION, text)
    ratios = [_ratio(measured, figure) for figure in (_cpu, _peak)]
    return 0 if max(ratios) <= MOST_TIMES and _apart(measured) <= LARGEST_DIFFERENCE else 1


def prepare(folder: Path) -> str:
    """Write the rows, and the numbers of those that the split sets aside; returns a description of them.

    The split is made here, so that the script gets it for nothing and both models learn from the same rows.
    """
    import numpy as np

    from functions.core.model_folder import load_definition
    from model_export.split import split_rows
    from model_export.training_files.rows import read_rows

    definition = load_definition(MODELS / MODEL)
    path = folder / "rows.csv"
    described = write_rows(path)
    found = read_rows(path.read_bytes(), path.name, definition).table
    np.save(folder / "evaluation.npy", split_rows(found, definition.schema, definition.split)[1])
    return described


def _despliegue(folder: Path, turn: int) -> Training:
    registry = folder / f"registry-{turn}"
    options = ["--models", str(MODELS), "--data", str(folder / "rows.csv"), "--registry", str(registry)]
    cpu_seconds, peak_mb, _ = run_python(["-m", "model_export.commands.main", "train", MODEL, *options])
    metrics = Registry(open_storage(str(registry))).manifest(MODEL, 1).metrics
    return Training(cpu_seconds, peak_mb, metrics["roc_auc"])


def _script(folder: Path) -> Training:
    paths = [str(folder / "rows.csv"), str(folder / "evaluation.npy")]
    cpu_seconds, peak_mb, printed = run_python(["-m", "benchmarks.peers.churn.plain_training", *paths])
    return Training(cpu_seconds, peak_mb, json.loads(printed)["roc_auc"])


def _cpu(training: Training) -> float:
    return training.cpu_seconds


def _peak(training: Training) -> float:
    return training.peak_mb


def _ratio(measured: Mapping[str, Sequence[Training]], figure: Callable[[Training], float]) -> float:
    """The median of the ratios within each round."""
    pairs = zip(measured[OURS], measured[SCRIPT], strict=True)
    return median(figure(ours) / figure(script) for ours, script in pairs)


def _apart(measured: Mapping[str, Sequence[Training]]) -> float:
    return max(
        abs(ours.roc_auc - script.roc_auc) for ours, script in zip(measured[OURS], measured[SCRIPT], strict=True)
    )


def _document(measured: Mapping[str, Sequence[Training]], described: str) -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "onnxruntime", "pandas", "scikit-learn"))
    rows = [
        [
            name,
            f"{median(map(_cpu, trainings)):.1f}",
            f"{median(map(_peak, trainings)):.0f}",
            f"{trainings[0].roc_auc:.6f}",
        ]
        for name, trainings in measured.items()
    ]
    ratios = ["ratio", f"{_ratio(measured, _cpu):.2f}", f"{_ratio(measured, _peak):.2f}", ""]
    required = ["at most", f"{MOST_TIMES:g}", f"{MOST_TIMES:g}", ""]
    return "\n\n".join(
        [
            f"Written by `python -m benchmarks.million`: {described}. `despliegue train` reads and checks every cell,"
            " splits, fits, converts, proves, measures and publishes; the script reads the table with pandas, fits the"
            " same pipeline on the same rows as dictionaries and computes one metric; the split is given to it. Each"
            f" has a process of its own with one thread, and they take turns in {ROUNDS} rounds. CPU time of the whole"
            " process with its imports, and its greatest resident memory; medians over the rounds, ratios are medians"
            " of the ratios within a round. Take the ratios: the times belong to the machine.",
            f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python"
            f" {platform.python_version()}; {libraries}.",
            table(["training", "CPU, s", "memory, MiB", "roc_auc"], [*rows, ratios, required]),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
