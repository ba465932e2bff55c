"""python -m tools.replay record --out FOLDER, then at another commit: python -m tools.replay compare FOLDER"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tools.checkout import HERE, Checkout
from tools.replay.commands import compare, count_by_kind, record
from tools.replay.expected import ExpectedFileError, read_expected, unexcused, unused
from tools.replay.report import report


def main() -> int:
    """Record or compare; 0 if all answers are as recorded or expected, 1 if not, 2 if nothing could be played."""
    parser = argparse.ArgumentParser(prog="python -m tools.replay", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    recording = commands.add_parser("record", help="play all requests and keep the answers")
    recording.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="a new folder for the recording")
    recording.set_defaults(run=_record)
    comparing = commands.add_parser("compare", help="play the requests of a recording and print what differs")
    comparing.add_argument("recording", type=Path, metavar="FOLDER", help="a folder that record wrote")
    comparing.add_argument("--expected", type=Path, metavar="FILE", help="TOML file of intended differences")
    comparing.set_defaults(run=_compare)
    for command in (recording, comparing):
        command.add_argument(
            "--checkout", type=Path, default=HERE.root, help="the checkout that answers (default: this one)"
        )
        command.add_argument("--python", help="its interpreter (default: its .venv/bin/python)")
    options = parser.parse_args()
    started = time.monotonic()
    try:
        status: int = options.run(options)
    except (RuntimeError, LookupError, OSError) as error:
        print(f"error: the replay stopped: {error}", file=sys.stderr)
        return 2
    print(f"{time.monotonic() - started:.0f} seconds")
    return status


def _record(options: argparse.Namespace) -> int:
    if options.out.exists():
        print(f"error: {options.out} exists already: choose another folder", file=sys.stderr)
        return 2
    recording = record(_checkout(options), options.out.resolve())
    for kind, count in count_by_kind([one.request for one in recording.exchanges]).items():
        print(f"{count:5} {kind}")
    print(f"{len(recording.exchanges):5} in all, recorded at {recording.commit}")
    return 0


def _compare(options: argparse.Namespace) -> int:
    try:
        expected = read_expected(options.expected) if options.expected else []
    except ExpectedFileError as error:
        print(error, file=sys.stderr)
        return 2
    recording, differing = compare(_checkout(options), options.recording.resolve())
    left = unexcused(differing, expected)
    print(report([one.request for one in recording.exchanges], left))
    for entry in unused(differing, expected):
        print(f"expected, but no answer differs: {entry.request} {entry.path}: {entry.reason}")
    print(f"{len(recording.exchanges)} answers compared with {recording.commit}: ", end="")
    print(f"{len(left)} differences, and {len(differing) - len(left)} that were expected")
    return 1 if left else 0


def _checkout(options: argparse.Namespace) -> Checkout:
    root = options.checkout.resolve()
    return Checkout(root, options.python or str(root / ".venv" / "bin" / "python"))


if __name__ == "__main__":
    sys.exit(main())
