"""The command line of the generators, and the form of the CSV files they write."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

MODELS = Path(__file__).resolve().parents[1] / "models"


def write_csv(path: Path, *, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """UTF-8 without a byte order mark, lines that end in "\\n" on every platform."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def run(model: str, *, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write `rows` to models/`model`/sample.csv, or where `--out` says."""
    parser = argparse.ArgumentParser(description=f"Write the sample data of {model}.")
    parser.add_argument("--out", type=Path, default=MODELS / model / "sample.csv", help="default: %(default)s")
    out = parser.parse_args().out
    write_csv(out, header=header, rows=rows)
