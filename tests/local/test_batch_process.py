"""The process of batches: it ends with its parent, and the next one goes on where a killed one was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from functions.core.batch_keys import shards_key
from functions.core.batch_submission import BatchRequest, BatchSubmissions
from functions.core.batches import Batches
from functions.core.definition import Definition
from functions.local.home import Home

MODEL = "churn"
SMALL_SHARDS = """
import functions.batches.planning as planning
planning.MOST_SHARD_ROWS = 500
from functions.local.batch_process import main
if __name__ == "__main__":
    main()
"""


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@contextmanager
def running(home: Home, root: Path, workspace: Path, program: Path) -> Iterator[subprocess.Popen[bytes]]:
    models = str(workspace / "models")
    command = [sys.executable, str(program), "--home", str(home.root), "--models", models, "--processes", "1"]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    with subprocess.Popen(command, cwd=root, env=environment, stdin=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The process, with shards of 500 rows."""
    path = tmp_path / "batches_of_a_test.py"
    path.write_text(SMALL_SHARDS)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and SIGTERM are POSIX")
def test_a_batch_of_a_killed_process_is_ended_by_the_next_one_which_repeats_no_shard(
    home: Home,
    definitions: Mapping[str, Definition],
    instances: Callable[[str], list[dict[str, Any]]],
    root: Path,
    workspace: Path,
    program: Path,
) -> None:
    rows = [{**row, "customerid": f"c{number}"} for number, row in enumerate(instances(MODEL)[:2500])]
    submissions = BatchSubmissions(home.registry.storage, home.uploads)
    batch = submissions.submit(definitions[MODEL], rows, BatchRequest())
    batches = Batches(home.registry.storage, home.uploads)
    folder = home.root / "batches" / MODEL / batch.batch / "done"
    with running(home, root, workspace, program) as process:
        wait_for(lambda: batches.done_numbers(batch))
        process.send_signal(signal.SIGKILL)
        process.wait()
    time.sleep(1)  # the processes of its pool end with it
    done = {number: (folder / f"{number:05}.json").stat().st_mtime_ns for number in batches.done_numbers(batch)}
    assert home.registry.storage.read(shards_key(batch)).body
    with running(home, root, workspace, program) as process:
        wait_for(lambda: batches.read(MODEL, batch.batch).is_finished)
        process.terminate()
        assert process.wait(60) == 0
    ended = batches.read(MODEL, batch.batch)
    assert ended.result is not None
    assert (ended.result.state, ended.result.done) == ("succeeded", 2500)
    for number, changed in done.items():
        assert (folder / f"{number:05}.json").stat().st_mtime_ns == changed


def test_the_process_ends_with_its_parent(tmp_path: Path, root: Path, workspace: Path, program: Path) -> None:
    home = Home(tmp_path / "home")
    home.create([MODEL])
    with running(home, root, workspace, program) as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 0
