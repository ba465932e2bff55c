"""A million rows through `despliegue predict` and through scripts of scikit-learn: python -m benchmarks.batch

It needs 4 GB of memory for one of the scripts, and about five minutes.
"""

from __future__ import annotations

import csv
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
from typing import Any

from benchmarks.million_rows import MODEL, ROWS, write_rows
from benchmarks.preparation import MODELS, home_of, prepare, table_of
from benchmarks.python_process import run_python
from benchmarks.report import table
from benchmarks.results_file import BATCH, write_part

ROUNDS = 2
MOST_OF_THE_CPU = 1 / 3
"""The most CPU time of `despliegue predict`, as a share of the script's with the same pipeline."""
MOST_MB = 500.0
LEAST_EQUAL = 0.98
"""The least share of equal labels: the scripts fit their pipelines themselves, on all rows of the public table."""
OURS = "despliegue predict"
RECORDS, FRAME = "pandas, DictVectorizer (the model's pipeline)", "pandas, OneHotEncoder"
SCRIPTS = {RECORDS: "records.joblib", FRAME: "one_hot.joblib"}


@dataclass(frozen=True, slots=True)
class Run:
    """One batch in processes of its own; the memory is that of the largest."""

    cpu_seconds: float
    peak_mb: float


def main() -> int:
    """Measure, print and write the part of RESULTS.md; 1 if a figure is not reached or the labels differ."""
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root)
        described = write_rows(folder / "rows.csv")
        prepare(MODEL, folder)
        _fit_scripts(folder)
        runs: dict[str, Callable[[], Run]] = {OURS: lambda: _despliegue(folder)}
        runs |= {name: lambda name=name: _script(folder, name) for name in SCRIPTS}  # type: ignore[misc]
        measured: dict[str, list[Run]] = {name: [] for name in runs}
        for turn in range(ROUNDS):
            for name in reversed(runs) if turn % 2 else runs:
                measured[name].append(runs[name]())
                print(f"round {turn + 1}, {name}: {measured[name][-1]}", file=sys.stderr)
        equal = _equal(folder)
        stored = json.loads(run_python(["-m", "benchmarks.stored_predictions", str(folder / "stored")])[2])
    text = _document(measured, described, equal, stored)
    print(text)
    write_part(BATCH, text)
    is_met = _ratio(measured, RECORDS) <= MOST_OF_THE_CPU and _peak(measured[OURS]) <= MOST_MB
    return 0 if is_met and equal >= LEAST_EQUAL else 1


def _fit_scripts(folder: Path) -> None:
    """The pipelines of the scripts, which read the table as it is spelled, fitted on the rows of the public table."""
    import joblib
    import pandas as pd
    from sklearn.compose import make_column_transformer
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    found = pd.read_csv(table_of(MODEL)[0])
    found["TotalCharges"] = pd.to_numeric(found["TotalCharges"], errors="coerce").fillna(0)
    rows, labels = found.drop(columns=["Churn", "customerID"]), found["Churn"]
    texts = [name for name in rows if not pd.api.types.is_numeric_dtype(rows[name])]
    one_hot = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), texts), remainder="passthrough")
    records = make_pipeline(DictVectorizer(sparse=False), _regression(LogisticRegression))
    joblib.dump(records.fit(rows.to_dict("records"), labels), folder / SCRIPTS[RECORDS])
    joblib.dump(make_pipeline(one_hot, _regression(LogisticRegression)).fit(rows, labels), folder / SCRIPTS[FRAME])


def _regression(kind: Any) -> Any:
    return kind(C=0.5, solver="liblinear", max_iter=1000)


def _despliegue(folder: Path) -> Run:
    paths = ["--registry", str(home_of(folder).root / "registry"), "--out", str(folder / "ours")]
    options = ["--format", "csv", "--processes", "1", "--models", str(MODELS), *paths]
    command = ["-m", "model_export.commands.main", "predict", MODEL, str(folder / "rows.csv")]
    return Run(*run_python([*command, *options])[:2])


def _script(folder: Path, name: str) -> Run:
    paths = [str(folder / SCRIPTS[name]), str(folder / "rows.csv"), str(folder / "script.csv")]
    return Run(*run_python(["-m", "benchmarks.peers.churn.plain_batch", *paths])[:2])


def _equal(folder: Path) -> float:
    """The share of rows to which the last script gave the label that the batch gave."""
    ours, script = folder / "ours" / "predictions.csv", folder / "script.csv"
    with ours.open(newline="") as file, script.open(newline="") as other:
        pairs = zip(csv.DictReader(file), csv.DictReader(other), strict=True)
        equal = sum(
            (one["customerid"], one["prediction"]) == (row["customerID"], row["prediction"].lower())
            for one, row in pairs
        )
    return float(equal / ROWS)


def _cpu(runs: Sequence[Run]) -> float:
    return median([one.cpu_seconds for one in runs])


def _peak(runs: Sequence[Run]) -> float:
    return max(one.peak_mb for one in runs)


def _ratio(measured: Mapping[str, Sequence[Run]], name: str) -> float:
    """The median of the ratios of CPU time within each round."""
    pairs = zip(measured[OURS], measured[name], strict=True)
    return float(median(ours.cpu_seconds / script.cpu_seconds for ours, script in pairs))


def _document(measured: Mapping[str, Sequence[Run]], described: str, equal: float, stored: Mapping[str, float]) -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "onnxruntime", "pandas", "scikit-learn"))
    rows = [
        [name, f"{_cpu(runs):.1f}", f"{_peak(runs):.0f}", "" if name == OURS else f"{_ratio(measured, name):.2f}"]
        for name, runs in measured.items()
    ]
    required = ["required of despliegue predict", "", f"{MOST_MB:.0f}", f"{MOST_OF_THE_CPU:.2f} of the first script"]
    return "\n\n".join(
        [
            f"Written by `python -m benchmarks.batch`: {described}. `despliegue predict --format csv --processes 1`"
            " reads and checks every cell, predicts and writes label, scores, id, line and warnings. The scripts read"
            " the table with pandas, predict and write id, label and scores by to_csv; one has the pipeline of the"
            " model, over dictionaries, the other an encoder over the DataFrame. Each takes its turn in a process of"
            f" its own with one thread, in {ROUNDS} rounds; CPU time is that of all its processes with their imports,"
            " memory that of the largest. Medians, and medians of the ratios within a round. Take the ratios: the"
            f" times belong to the machine. The script with the model's pipeline, which fits it on all rows of the"
            f" public table instead of those of a split, gives {equal:.2%} of the rows the same label.",
            f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python"
            f" {platform.python_version()}, shared with other work; {libraries}.",
            table(["batch", "CPU, s", "memory, MiB", "CPU of despliegue predict, ratio"], [*rows, required]),
            f"A million predictions are stored in SQLite in {stored['cpu_seconds']:.1f} s of CPU time"
            f" ({stored['seconds']:.0f} s on this machine meanwhile) and take {stored['size_mb']:.0f} MB. One is"
            f" looked up in {stored['median_us']:.0f} µs, the slowest in a hundred in {stored['p99_us']:.0f} µs.",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
