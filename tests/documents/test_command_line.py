"""docs/command-line.md, and the commands of all documents: the program accepts each as it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from model_export.commands.main import argument_parser, main
from tests.documents.transcripts import DOCUMENTS, blocks, steps

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "command-line.md"


def commands_of(document: Path) -> list[str]:
    """The calls of the program in blocks of commands, up to a pipe or a redirection."""
    lines = [step.command for block in blocks(document, "console") for step in steps(block)]
    lines += [line for block in blocks(document, "sh") for line in block.replace("\\\n", " ").splitlines()]
    own = [line.removeprefix(".venv/bin/") for line in lines]
    return [re.split(r"\s(?:\d?>|\||&&)", line)[0] for line in own if line.startswith("despliegue ")]


def status_of(arguments: list[str]) -> int:
    try:
        return main(arguments)
    except SystemExit as left:  # wrong usage
        return int(left.code or 0)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_program_accepts_every_command(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for line in commands_of(document):
        arguments = shlex.split(line, comments=True)[1:]
        if "trian" in arguments:  # the page shows the answer
            continue
        assert argument_parser().parse_known(arguments).run, capsys.readouterr().err


def test_the_page_lists_every_command_in_the_words_of_the_help() -> None:
    page = PAGE.read_text("utf-8")
    for name, parser in argument_parser().commands.items():
        assert f"`{name}`" in page, name
        row = next((line for line in page.splitlines() if line.startswith(f"| `{name}` |")), None)
        if row is not None and "](" not in row and "--apply" not in row:
            assert row == f"| `{name}` | {parser.summary} |"


def test_every_command_with_a_result_takes_json() -> None:
    for name, parser in argument_parser().commands.items():
        takers = parser.commands.values() or [parser]
        assert all(("--json" in one.format_usage()) == (name not in ("serve", "completion")) for one in takers), name


def test_the_answers_on_the_page_are_those_of_the_program(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "200")
    answered = [step for block in blocks(PAGE, "console") for step in steps(block) if step.expected]
    assert len(answered) == 2
    for step in answered:
        assert status_of(shlex.split(step.command)[1:]) in (1, 2)
        assert step.is_answered_by(capsys.readouterr().err)
