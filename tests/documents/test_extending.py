"""docs/extending.md, carried out edit by edit in a copy of the project, tried, and removed again."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

SECTION = re.compile(r"^## (?P<title>.+)$", re.MULTILINE)
STEP = re.compile(
    r"^`(?P<new>[\w./-]+)` is new:$|^In `(?P<changed>[\w./-]+)`:$|^Try it\b|^```(?P<kind>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
COPIED = ("functions", "model_export", "tools", "conftest.py", "pyproject.toml", "models/churn")
COPIED_TESTS = ("core/test_tasks.py", "core/test_storage.py")
"""Together with the fixtures, which are the files of tests/ itself."""


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit that replaces `before` by `after` in a file; a new file has no `before`."""

    path: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class Example:
    """A section of the page: its edits, the code to try, and its output."""

    title: str
    edits: tuple[Edit, ...]
    tried: str
    printed: str


def examples(page: str) -> Iterator[Example]:
    titles = list(SECTION.finditer(page))
    ends = [one.start() for one in titles[1:]] + [len(page)]
    for title, end in zip(titles, ends, strict=True):
        yield example(title["title"], page[title.end() : end])


def example(title: str, text: str) -> Example:
    edits: list[Edit] = []
    blocks: dict[str, str] = {}
    path, is_new, is_tried = "", False, False
    for step in STEP.finditer(text):
        if step["kind"] is None:
            path, is_new, is_tried = step["new"] or step["changed"] or "", step["new"] is not None, not path
            is_tried = step.group(0).startswith("Try it")
        elif is_tried:
            blocks[step["kind"]] = step["text"]
        else:
            edits.append(Edit(path, None, step["text"]) if is_new else diff(path, step["text"]))
    return Example(title, tuple(edits), blocks["python"], blocks["text"])


def diff(path: str, text: str) -> Edit:
    lines = text.splitlines(keepends=True)
    assert {line[:1] for line in lines} <= {" ", "-", "+", "\n"}, f"{path}: {text}"
    before = "".join(line[1:] or "\n" for line in lines if line[:1] != "+")
    after = "".join(line[1:] or "\n" for line in lines if line[:1] != "-")
    return Edit(path, before, after)


def carry_out(project: Path, edit: Edit) -> None:
    path = project / edit.path
    if edit.before is None:
        assert not path.exists(), f"{edit.path} is there already"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(edit.after, encoding="utf-8")
        return
    replace_once(path, edit.before, edit.after)


def take_away(project: Path, edit: Edit) -> None:
    if edit.before is None:
        (project / edit.path).unlink()
    else:
        replace_once(project / edit.path, edit.after, edit.before)


def replace_once(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path.name} has {text.count(old)} times, not once:\n{old}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def run(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *command], cwd=project, env=environment, capture_output=True, text=True, check=False
    )


def contents(project: Path) -> dict[str, bytes]:
    files = (path for path in project.rglob("*") if path.is_file() and "registry" not in path.parts)
    return {path.relative_to(project).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def page(root: Path) -> dict[str, Example]:
    return {one.title: one for one in examples((root / "docs" / "extending.md").read_text(encoding="utf-8"))}


@pytest.fixture(scope="module")
def project(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the files that the page edits and runs."""
    copy = tmp_path_factory.mktemp("project")
    fixtures = [path.name for path in (root / "tests").glob("*.py") if not path.name.startswith("test_")]
    for name in (*COPIED, *(f"tests/{test}" for test in (*fixtures, *COPIED_TESTS))):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        if (root / name).is_dir():
            shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(root / name, copy / name)
    return copy


def test_every_example_of_the_page_is_carried_out_tried_and_taken_away(project: Path, page: dict[str, Example]) -> None:
    before = contents(project)
    for one in page.values():
        for edit in one.edits:
            carry_out(project, edit)
        tried = run(project, "-W", "ignore", "-c", one.tried)
        assert tried.stdout == one.printed, f"{one.title}: {tried.stderr}"
    held = run(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/core/test_tasks.py")
    assert held.returncode == 0, held.stdout
    kept = run(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/core/test_storage.py", "-k", "memory")
    assert kept.returncode == 0, kept.stdout
    assert " passed" in kept.stdout
    for one in reversed(page.values()):
        for edit in reversed(one.edits):
            take_away(project, edit)
    shutil.rmtree(project / "dearest")
    assert contents(project) == before


@pytest.mark.parametrize(
    ("forgotten", "name"),
    [
        ("functions/core/json_schema.py", "core.json_schema.PREDICTION_SCHEMAS lacks ['rank']"),
        ("functions/predictors/by_task.py", "predictors.by_task.PIPELINE_OPENERS lacks ['tabular-ranking']"),
        (
            "model_export/pipelines/convert/exporting.py",
            "pipelines.convert.exporting.EXPORTERS lacks ['tabular-ranking']",
        ),
        ("model_export/draft/proposal.py", "draft.proposal.PROPOSALS lacks ['tabular-ranking']"),
    ],
)
def test_an_edit_that_is_forgotten_fails_the_test_of_the_tables_by_its_name(
    project: Path, page: dict[str, Example], forgotten: str, name: str
) -> None:
    edits = [edit for edit in page["A task"].edits if edit.path != forgotten]
    assert len(edits) < len(page["A task"].edits)
    for edit in edits:
        carry_out(project, edit)
    held = run(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/core/test_tasks.py")
    for edit in reversed(edits):
        take_away(project, edit)
    assert held.returncode == 1
    assert name in held.stdout


def test_each_section_has_edits_code_and_output(page: dict[str, Example]) -> None:
    assert list(page) == ["A model", "A task", "A protocol", "A storage", "A converter"]
    assert all(one.edits and one.tried and one.printed for one in page.values())
