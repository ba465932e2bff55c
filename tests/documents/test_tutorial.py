"""docs/tutorial.md and its Spanish page, each carried out in an empty folder."""

from __future__ import annotations

import re
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from transcripts import TUTORIALS, Reader, Step, promised

from tools.serving import serving

PATIENCE_SECONDS = 120
SCRIPT = re.compile(r"`(\w+\.py)`[^`]*\n\n```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def fault_after_some_seconds(reader: Reader, step: Step) -> str | None:
    """The fault of a step that shows what the server does meanwhile."""
    end = time.monotonic() + PATIENCE_SECONDS
    while (fault := reader.fault(step)) and time.monotonic() < end:
        time.sleep(2)
    return fault


def follow(reader: Reader, page: list[Step]) -> None:
    for step in page:
        shows_jobs = step.command.startswith("despliegue jobs")
        fault = fault_after_some_seconds(reader, step) if shows_jobs else reader.fault(step)
        assert fault is None, fault


@pytest.fixture(params=TUTORIALS, ids=lambda page: page.name)
def page(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


@pytest.fixture
def folder(page: Path, tmp_path: Path) -> Path:
    for name, script in SCRIPT.findall(page.read_text("utf-8")):
        (tmp_path / name).write_text(script, "utf-8")
    return tmp_path


@pytest.fixture
def steps_before(page: Path) -> int:
    """The number of steps above the block that starts the server."""
    above, start, _ = page.read_text("utf-8").partition("```sh\ndespliegue serve\n```")
    assert start
    return sum(above.count(f"$ {step.command}\n") for step in promised(page))


@pytest.fixture
def reader(page: Path, folder: Path, steps_before: int) -> Iterator[Reader]:
    assert steps_before > 0
    follow(Reader(folder, "http://127.0.0.1:1"), promised(page)[:steps_before])
    with serving(folder, folder / ".despliegue") as server:
        yield Reader(folder, server.url)


@pytest.mark.skipif(shutil.which("curl") is None, reason="SKIPPED: curl is not installed")
def test_every_step_from_an_empty_folder_to_the_way_back_is_as_the_page_says(
    page: Path, reader: Reader, steps_before: int
) -> None:
    follow(reader, promised(page)[steps_before:])
