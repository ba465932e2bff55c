"""Programs that the rehearsal runs, each with a log of its own, and steps with their durations."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

Command = Sequence[str | Path]
TAIL_LINES = 30
NICENESS = "4"


class StepFailedError(Exception):
    """A step failed; the text names its log."""


@contextmanager
def step(name: str) -> Iterator[None]:
    """Print the name of the step that the block does, and its seconds at the end."""
    print(f"rehearsal: {name} ...", flush=True)
    started = time.monotonic()
    yield
    print(f"rehearsal: {name}: {time.monotonic() - started:.1f} s", flush=True)


def run(
    command: Sequence[str | Path],
    log: Path,
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run a program to its end and append its output to `log`; raises StepFailedError with the log's last lines."""
    with log.open("ab") as output:
        done = subprocess.run(  # noqa: S603
            ["nice", "-n", NICENESS, *map(str, command)],  # noqa: S607
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        last = "\n".join(log.read_text("utf-8", "replace").splitlines()[-TAIL_LINES:])
        raise StepFailedError(f"{command[0]} ended with {done.returncode}; the last lines of {log}:\n{last}")


def output_of(command: Command, environment: Mapping[str, str] | None = None) -> str:
    """The output of a program; raises StepFailedError with its errors where it fails."""
    done = subprocess.run(  # noqa: S603
        list(map(str, command)),
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StepFailedError(f"{' '.join(map(str, command))} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout
