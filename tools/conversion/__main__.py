"""Play the matrix and write docs/conversion.md: python -m tools.conversion [--compositions N] [--only TEXT]"""

from __future__ import annotations

import argparse
import os
import sys

from tools.conversion.compositions import composition
from tools.conversion.configurations import CONFIGURATIONS
from tools.conversion.document import render, script_share
from tools.conversion.playing import Played, play
from tools.serving import ROOT

PAGE = ROOT / "docs" / "conversion.md"
PUBLISHED_WRONGLY = ("near", "wrong", "fails")


def main() -> None:
    """Play what was asked for, and end with 1 if anything published is not exact."""
    options = _options()
    processes = os.process_cpu_count() if hasattr(os, "process_cpu_count") else os.cpu_count()
    chosen = (
        [composition(seed) for seed in range(options.compositions)]
        if options.compositions
        else [one for one in CONFIGURATIONS if options.only.lower() in f"{one.section} {one.name}".lower()]
    )
    is_page = not options.only and not options.compositions
    played = []
    for row in play(chosen, processes=processes or 1, with_stock=is_page):
        played.append(row)
        print(_progress(row, len(played), len(chosen)), flush=True)
    if is_page:
        PAGE.write_text(render(played), "utf-8")
    for sentence in script_share(played):
        print(sentence)
    sys.exit(1 if any(row.ours.kind in PUBLISHED_WRONGLY for row in played) else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.conversion", description=__doc__)
    parser.add_argument("--compositions", type=int, default=0, metavar="N", help="N random pipelines instead, no page")
    parser.add_argument("--only", default="", metavar="TEXT", help="rows whose section or name has TEXT, no page")
    return parser.parse_args()


def _progress(row: Played, done: int, all_rows: int) -> str:
    one = row.configuration
    return f"{done}/{all_rows} {one.name} | {one.table}, {one.target} | {row.ours.kind} {row.ours.detail[:160]}"


if __name__ == "__main__":
    main()
