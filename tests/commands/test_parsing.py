"""The parser of the command line by itself."""

from __future__ import annotations

import pytest

from model_export.commands.parsing import CommandParser


def parser() -> CommandParser:
    whole = CommandParser(prog="p", description="Do things. " * 20, examples=["p go --fast", "p go"], epilog="The end.")
    commands = whole.add_commands("COMMAND")
    go = commands.add_parser("go", help="go there")
    go.add_argument("--fast", action="store_true")
    stop = commands.add_parser("stop", help="stop here", description="Stop at once.", examples=["p stop now"])
    stop.add_commands("WHEN").add_parser("now", help="without waiting")
    return whole


def test_the_help_wraps_texts_and_keeps_the_lines_of_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    lines = parser().format_help().splitlines()
    assert max(map(len, lines)) <= 60
    assert lines[-5:] == ["examples:", "  p go --fast", "  p go", "", "The end."]


def test_a_command_without_a_description_is_described_by_its_line_in_the_list() -> None:
    commands = parser().commands
    assert "Go there.\n" in commands["go"].format_help()
    assert "Stop at once.\n" in commands["stop"].format_help()


def test_known_arguments_are_parsed() -> None:
    assert parser().parse_known(["go", "--fast"]).fast is True


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["og"], "p: error: no command 'og'"),
        (["stpo"], "p: error: no command 'stpo'; did you mean stop?"),
        (["stop", "noww"], "p stop: error: no command 'noww'; did you mean now?"),
        (["go", "--fats"], "p go: error: unrecognized arguments: --fats; did you mean --fast?"),
        ([], "p: error: the following arguments are required: COMMAND"),
    ],
)
def test_an_unknown_name_is_wrong_usage(capsys: pytest.CaptureFixture[str], arguments: list[str], message: str) -> None:
    with pytest.raises(SystemExit) as left:
        parser().parse_known(arguments)
    assert left.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith(message)
