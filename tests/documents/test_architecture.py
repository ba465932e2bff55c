"""docs/architecture.md: its picture and its table of folders, compared with the imports and the layer rules."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests.test_layers import ALLOWED, IMPORTS

PAGE = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text(encoding="utf-8")
PICTURE = PAGE.partition("```mermaid\n")[2].partition("```")[0]
NODES = {name: label for name, label in re.findall(r'^ *(\w+)\["([^"<]+)<br/>', PICTURE, re.MULTILINE)}
CORE = "core"
LEFT_OUT = ("model_export.split", "model_export.progress", "model_export.processors")
ROW = re.compile(r"^\| `(?P<folder>[\w/]+)` \| [^|]+ \| (?P<imports>[^|]+) \|$", re.MULTILINE)


def node_of(module: str) -> str | None:
    """The node whose label fits the module best; None for modules of which the picture says nothing."""
    path = f"{module.replace('.', '/')}.py"
    fitting = [name for name, label in NODES.items() if fnmatchcase(path, label) or path.startswith(f"{label}/")]
    fitting += [name for name, label in NODES.items() if path == f"{label}.py"]
    return max(fitting, key=lambda name: len(NODES[name]), default=None)


def drawn() -> set[tuple[str, str]]:
    arrows = re.findall(r"^ *(\w+) --> ([\w &]+)$", PICTURE, re.MULTILINE)
    return {(start, end) for start, ends in arrows for end in ends.split(" & ")}


def imported() -> set[tuple[str, str]]:
    pairs = {(node_of(module), node_of(other)) for module, other in IMPORTS if other not in LEFT_OUT}
    return {(start, end) for start, end in pairs if start is not None and end is not None and start != end}


@pytest.fixture(scope="module")
def table() -> dict[str, set[str]]:
    """The names in backticks in the last column, by the package of the first."""
    return {
        row["folder"].replace("/", "."): set(re.findall(r"`([^`]+)`", row["imports"])) for row in ROW.finditer(PAGE)
    }


def test_the_picture_shows_every_import_between_its_packages_and_no_other() -> None:
    real = imported()
    assert drawn() - real == set(), "drawn, but nothing imports it"
    assert {(start, end) for start, end in real - drawn() if end != CORE} == set(), "an import that is not drawn"


def test_no_arrow_of_the_picture_runs_back() -> None:
    arrows = drawn()
    while arrows:
        last = {(start, end) for start, end in arrows if end not in {other for other, _ in arrows}}
        assert last, f"a circle among {sorted(arrows)}"
        arrows -= last


def test_the_picture_has_a_node_for_each_package_of_the_layer_rules() -> None:
    labels = {label.replace("/", ".") for label in NODES.values()}
    assert ALLOWED.keys() - labels == {"functions"}


def test_the_table_has_the_folders_that_there_are(root: Path, table: dict[str, set[str]]) -> None:
    assert ALLOWED.keys() - table.keys() == {"functions"}
    assert [package for package in table if not (root / package.replace(".", "/")).is_dir()] == []


@pytest.mark.parametrize("package", sorted(ALLOWED.keys() - {"functions"}))
def test_the_table_says_what_the_layer_rules_allow(package: str, table: dict[str, set[str]]) -> None:
    allowed = {name.removeprefix("functions.") for name in ALLOWED[package] - {package}}
    assert table[package] == allowed


def test_every_file_that_the_page_names_is_there(root: Path) -> None:
    rooms = ("", "functions", "model_export", "functions/inference")
    named = re.findall(r"`((?:[\w-]+/)*\w+\.py)`", PAGE)
    assert named
    assert [name for name in named if not any((root / room / name).is_file() for room in rooms)] == []
