"""docs/migrate: the commands are those of the command line, the programs are Python, and the arguments are known."""

from __future__ import annotations

import shlex
import sys
import tomllib
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from transcripts import ROOT, blocks, promised

from model_export.commands.main import argument_parser

PAGES = sorted((ROOT / "docs" / "migrate").glob("*.md"))
COMMANDS = sorted({step.command for page in PAGES for step in promised(page)})
HEADINGS = ["## Before", "## Here", "## What changes", "## Not there"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_one_of_the_command_line(command: str) -> None:
    program, *arguments = shlex.split(command)
    assert program == "despliegue"
    assert argument_parser().parse_args(arguments).run


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_both_services_what_changes_and_what_is_not_there(page: Path) -> None:
    assert [line for line in page.read_text("utf-8").splitlines() if line.startswith("## ")] == HEADINGS
    assert promised(page)
    for program in blocks(page, "python"):
        compile(program, page.name, "exec")
    for document in blocks(page, "toml"):
        assert tomllib.loads(document)
