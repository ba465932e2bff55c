"""Cells of any length, in a process that reads nothing else."""

from __future__ import annotations

import subprocess
import sys


def test_a_cell_may_be_longer_than_csv_allows_by_itself() -> None:
    code = (
        "from functions.core.long_cells import csv_reader\n"
        "long = 'x' * 200_000\n"
        "assert list(csv_reader([f'a,{long}'], strict=True)) == [['a', long]]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
