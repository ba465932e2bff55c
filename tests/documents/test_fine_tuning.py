"""docs/fine-tuning.md: its files are read, its commands are those of the command line, and it names every argument."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from transcripts import ROOT, blocks, promised

from model_export.commands.main import argument_parser
from model_export.fine_tuning.argument_reading import read_arguments
from model_export.fine_tuning.arguments import TYPES
from model_export.fine_tuning.question_files import check_file
from model_export.fine_tuning.unsupported_arguments import UNSUPPORTED

PAGE = ROOT / "docs" / "fine-tuning.md"
TEXT = PAGE.read_text(encoding="utf-8")
COMMANDS = [step.command for step in promised(PAGE)]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_one_of_the_command_line(command: str) -> None:
    program, *arguments = shlex.split(command)
    assert program == "despliegue"
    assert argument_parser().parse_args(arguments).run


def test_the_sample_of_questions_has_no_fault(tmp_path: Path) -> None:
    [sample] = blocks(PAGE, "json")
    (tmp_path / "train.json").write_text(sample, encoding="utf-8")
    checked = check_file(tmp_path / "train.json", repair=False)
    assert (checked.counts["answerable"], checked.counts["impossible"], checked.counts["bad"]) == (1, 1, 0)


def test_the_sample_of_arguments_is_valid(tmp_path: Path) -> None:
    [sample] = blocks(PAGE, "toml")
    (tmp_path / "args.toml").write_text(sample, encoding="utf-8")
    assert read_arguments(tmp_path / "args.toml", []).values["early_stopping_metric"] == "f1"


def test_every_argument_is_in_a_table_once_as_taken_or_with_its_reason() -> None:
    section = TEXT[TEXT.index("### Arguments") : TEXT.index("## Serving it")]
    rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| `")]
    taken = {name for row in rows if len(row) == 2 for name in re.findall(r"`(\w+)`", " ".join(row))}
    assert TYPES.keys() <= taken
    listed = [name for row in rows if len(row) == 3 for name in re.findall(r"`(\w+)`", row[0])]
    assert sorted(listed) == sorted(UNSUPPORTED)
    for names, verdict, reason in (row for row in rows if len(row) == 3):
        for name in re.findall(r"`(\w+)`", names):
            assert verdict == ("refused" if UNSUPPORTED[name].is_refused else "ignored")
            assert reason.removesuffix(" |") == UNSUPPORTED[name].reason
