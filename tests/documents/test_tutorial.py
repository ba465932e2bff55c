"""docs/tutorial.md, carried out in an empty folder."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from transcripts import ROOT, Reader, Step, blocks, steps

from tools.serving import serving

PAGE = ROOT / "docs" / "tutorial.md"
STEPS = [step for block in blocks(PAGE, "console") for step in steps(block)]
PATIENCE_SECONDS = 120


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (script,) = blocks(PAGE, "python")
    (tmp_path / "make_rents.py").write_text(script, "utf-8")
    return tmp_path


def fault_after_some_seconds(reader: Reader, step: Step) -> str | None:
    """The fault of a step that shows what the server does meanwhile."""
    end = time.monotonic() + PATIENCE_SECONDS
    while (fault := reader.fault(step)) and time.monotonic() < end:
        time.sleep(0.5)
    return fault


@pytest.fixture
def before_serving() -> list[Step]:
    """The steps above the block that starts the server."""
    text = PAGE.read_text("utf-8")
    return [step for step in STEPS if text.index(step.command) < text.index("despliegue serve\n```")]


@pytest.fixture
def reader(folder: Path, before_serving: list[Step]) -> Iterator[Reader]:
    for step in before_serving:
        fault = Reader(folder, "http://127.0.0.1:1").fault(step)
        assert fault is None, fault
    with serving(folder, folder / ".despliegue") as server:
        yield Reader(folder, server.url)


@pytest.mark.skipif(shutil.which("curl") is None, reason="SKIPPED: curl is not installed")
def test_every_step_from_an_empty_folder_to_the_way_back_is_as_the_page_says(
    reader: Reader, before_serving: list[Step]
) -> None:
    assert len(before_serving) == 2
    for step in STEPS[len(before_serving) :]:
        shows_jobs = step.command.startswith("despliegue jobs")
        fault = fault_after_some_seconds(reader, step) if shows_jobs else reader.fault(step)
        assert fault is None, fault
