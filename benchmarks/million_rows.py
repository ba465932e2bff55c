"""A million rows of churn in a file: the public table repeated, with other ids and jitter in both charges."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.preparation import table_of

MODEL = "churn"
ROWS = 1_000_000


def write_rows(path: Path) -> str:
    """Write the rows; returns a description of them."""
    public, described = table_of(MODEL)
    with public.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(_jittered(header, rows, random.Random(1)))
    size_mb = path.stat().st_size / 1e6
    return f"{ROWS:,} rows of {size_mb:.0f} MB, {described} repeated with other ids and jitter in both charges"


def _jittered(header: Sequence[str], rows: Sequence[Sequence[str]], chance: random.Random) -> Iterator[list[str]]:
    monthly, total, customer = (header.index(name) for name in ("MonthlyCharges", "TotalCharges", "customerID"))
    for number in range(ROWS):
        row = list(rows[number % len(rows)])
        row[customer] = f"{number:07d}-{row[customer][-5:]}"
        row[monthly] = f"{abs(float(row[monthly]) + chance.gauss(0, 1)):.2f}"
        if row[total].strip():
            row[total] = f"{float(row[total]) * (1 + chance.gauss(0, 0.01)):.2f}"
        yield row
