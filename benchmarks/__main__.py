"""Measure everything, print it and write RESULTS.md; exit code 1 if a required figure is missed."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.breakdown import breakdown
from benchmarks.measure import measure
from benchmarks.preparation import prepare
from benchmarks.report import Compared, document
from benchmarks.required import verdicts
from benchmarks.results_file import COSTS, write_part
from benchmarks.servers import SERVERS


def main() -> int:
    with tempfile.TemporaryDirectory() as root:
        compared = [_compare(model, Path(root, model)) for model in SERVERS]
    text = document(compared)
    print(text)
    write_part(COSTS, text)
    return 0 if all(verdict.is_met for one in compared for verdict in one.verdicts) else 1


def _compare(model: str, folder: Path) -> Compared:
    folder.mkdir()
    print(f"{model}: training, then measuring (about two minutes)", file=sys.stderr)
    rows = prepare(model, folder)
    measured = measure(model, folder)
    return Compared(model, rows, measured, verdicts(model, measured), breakdown(model, folder))


if __name__ == "__main__":
    sys.exit(main())
