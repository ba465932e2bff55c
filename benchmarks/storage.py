"""CPU time of clients of object storage, in a start and in a warm prediction: python -m benchmarks.storage"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from statistics import median

import httpx

from benchmarks.preparation import PROJECT
from benchmarks.report import table
from benchmarks.results_file import STORAGE, write_part
from benchmarks.storage_process import CALLS, CLIENTS
from tools.object_store import object_store

ROUNDS = 9
BUCKET = "pointers"
LARGEST_SHARE = 0.5
WHAT = {"start": "client and first write", "read": "conditional read, nothing new"}
Times = Mapping[str, float]


def main() -> int:
    """Measure and write RESULTS.md; 1 if a required figure is missed."""
    with object_store() as variables:
        httpx.put(f"{variables['AWS_ENDPOINT_URL']}/{BUCKET}").raise_for_status()
        rounds = [{name: _measured(name, variables) for name in CLIENTS} for _ in range(ROUNDS)]
    shares = {what: median(one["obstore"][what] / one["botocore"][what] for one in rounds) for what in WHAT}
    text = _document(rounds, shares)
    print(text)
    write_part(STORAGE, text)
    return 0 if max(shares.values()) <= LARGEST_SHARE else 1


def _measured(name: str, variables: Mapping[str, str]) -> Times:
    command = [sys.executable, "-m", "benchmarks.storage_process", name, BUCKET]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=PROJECT, env={**os.environ, **variables})
    times: Times = json.loads(done.stdout)
    return times


def _document(rounds: list[dict[str, Times]], shares: Times) -> str:
    rows = [
        [
            text,
            *(f"{median(one[name][what] for one in rounds):.2f}" for name in CLIENTS),
            f"{shares[what]:.2f}",
            f"{LARGEST_SHARE:g}",
            "yes" if shares[what] <= LARGEST_SHARE else "**no**",
        ]
        for what, text in WHAT.items()
    ]
    return "\n\n".join(
        [
            "Written by `python -m benchmarks.storage`: milliseconds of CPU, of all threads of a process that has one"
            f" client, against an S3 in another process; {ROUNDS} processes of each, in turn, and {CALLS} reads in"
            " each. Figures are medians, shares are medians of the shares within a round.",
            f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python"
            f" {platform.python_version()}, shared with other work.",
            table(["what", *(f"{name}, ms" for name in CLIENTS), "share", "at most", "met"], rows),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
