"""The command line itself: its commands, exit codes and errors."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from functions import VERSION
from model_export.commands import main as main_module

Command = Callable[..., Any]


def test_help_names_every_command(command: Command) -> None:
    done = command("--help")
    assert done.status == 0
    for name in ("serve", "new", "train", "check", "publish", "finetune-qa", "export-qa", "versions", "promote"):
        assert name in done.out


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """The parser, and the ones of all its commands."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from parsers(command)


def test_every_command_and_every_option_has_a_help_text() -> None:
    found = list(parsers(main_module.argument_parser()))
    assert len(found) == 1 + 20 + 3  # the commands, and the actions of token
    for parser in found:
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                assert all(choice.help for choice in action._choices_actions)
                assert len(action._choices_actions) == len(action.choices)
            else:
                assert action.help, f"{parser.prog} {action.dest}"


def test_the_version_is_printed(command: Command) -> None:
    done = command("--version")
    assert (done.status, done.out.strip()) == (0, VERSION)


@pytest.mark.parametrize("arguments", [(), ("fly",), ("train",), ("promote", "churn"), ("promote", "churn", "x")])
def test_wrong_usage_is_status_2_with_the_usage(command: Command, arguments: tuple[str, ...]) -> None:
    done = command(*arguments)
    assert done.status == 2
    assert "usage: despliegue" in done.err


@pytest.mark.parametrize("name", ["train", "check", "versions"])
def test_an_unknown_model_is_refused_with_the_known_ones(command: Command, name: str) -> None:
    done = command(name, "boats")
    assert (done.status, done.out) == (1, "")
    assert done.err == "despliegue: no model 'boats'; known: car-price, churn\n"


def test_a_missing_models_folder_is_reported(command: Command, tmp_path: Path) -> None:
    done = command("versions", "churn", "--models", tmp_path / "none")
    assert done.status == 1
    assert str(tmp_path / "none") in done.err


def test_a_wrong_definition_is_reported_with_its_file(command: Command, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "model.toml").write_text("name = ")
    done = command("versions", "broken", "--models", tmp_path)
    assert done.status == 1
    assert str(tmp_path / "broken" / "model.toml") in done.err


def test_faults_in_rows_are_reported_one_a_line_and_not_without_end(command: Command, tmp_path: Path) -> None:
    header = "name,year,selling_price,km_driven,fuel,seller_type,transmission,owner"
    rows = tmp_path / "rows.csv"
    rows.write_text(
        "\n".join(
            [
                header,
                *["A,2014,1,1,Petrol,Dealer,Manual,First Owner", "A,old,1,1,Petrol,Dealer,Manual,First Owner"] * 30,
            ]
        )
    )
    done = command("train", "car-price", "--data", rows)
    lines = [line for line in done.err.splitlines() if ": import" not in line]
    assert done.status == 1
    assert lines[0] == "line 3, column \"year\": 'old' is not a number"
    assert lines[main_module.PRINTED_FAULTS :] == ["... and 10 more"]


def test_a_fault_of_the_whole_file_is_reported_without_an_empty_place(command: Command, tmp_path: Path) -> None:
    header = "name,year,selling_price,km_driven,fuel,seller_type,transmission,owner"
    rows = tmp_path / "rows.csv"
    rows.write_text("\n".join([header, *["A,2014,1,1,Petrol,Dealer,Manual,First Owner"] * 30]))
    done = command("train", "car-price", "--data", rows)
    assert done.status == 1
    assert done.err.splitlines()[-1].startswith("30 labelled instances are too few to train on: ")


def test_a_command_needs_no_library_of_another(root: Path, workspace: Path, tmp_path: Path) -> None:
    """`versions` and the help start quickly: nothing that trains or serves is loaded."""
    code = (
        "import sys; from model_export.commands.main import main; main(['versions', 'churn']);"
        "print([name for name in ('sklearn', 'skl2onnx', 'pandas', 'fastapi', 'onnxruntime') if name in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": str(root), "DESPLIEGUE_HOME": str(tmp_path)}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=workspace, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
