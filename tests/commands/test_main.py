"""The command line itself: its commands, exit codes and errors."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from functions import VERSION
from functions.local.home import Home
from model_export.commands import main as main_module
from model_export.commands.parsing import CommandParser

Command = Callable[..., Any]


def test_help_names_every_command(command: Command) -> None:
    done = command("--help")
    assert done.status == 0
    for name in ("serve", "new", "train", "check", "publish", "finetune-qa", "export-hf", "versions", "promote"):
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
    assert len(set(map(id, found))) == 1 + 22 + 3  # the commands, one with an alias, and the actions of token
    for parser in found:
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                assert all(choice.help for choice in action._choices_actions)
                assert len(action._choices_actions) == len(set(map(id, action.choices.values())))
            else:
                assert action.help, f"{parser.prog} {action.dest}"


def test_every_command_shows_examples_that_it_accepts(command: Command) -> None:
    parser = main_module.argument_parser()
    found = [one for one in parsers(parser) if isinstance(one, CommandParser)]
    assert len(found) == len(list(parsers(parser)))
    for one in found:
        assert one.examples, one.prog
        for example in one.examples:
            if not example.startswith("despliegue"):  # a line of a shell's own
                continue
            arguments = shlex.split(example.partition(">")[0], comments=True)[1:]
            if "--help" not in arguments:
                assert parser.parse_known(arguments).run
            shown = command(*one.prog.split()[1:], "--help").out
            assert f"  {example}\n" in f"{shown}\n"


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("trian", "churn"), "despliegue: error: no command 'trian'; did you mean train?"),
        (("token", "creat", "ana"), "despliegue token: error: no command 'creat'; did you mean create?"),
        (("train", "churn", "--dta", "x"), "error: unrecognized arguments: --dta x; did you mean --data?"),
        (
            ("train", "churn", "--evalution=x"),
            "error: unrecognized arguments: --evalution=x; did you mean --evaluation?",
        ),
        (("fly",), "despliegue: error: no command 'fly'"),
        (("jobs", "churn", "again"), "error: unrecognized arguments: again"),
    ],
)
def test_a_typo_is_answered_with_the_nearest_name(command: Command, arguments: tuple[str, ...], hint: str) -> None:
    done = command(*arguments)
    assert (done.status, done.err.splitlines()[-1].endswith(hint)) == (2, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("models",),
        ("versions", "churn"),
        ("promote", "churn", "1"),
        ("jobs", "churn"),
        ("history", "churn"),
        ("download", "churn", "1"),
        ("prune", "--keep-versions", "1"),
        ("forget", "churn", "--id", "x"),
        ("remove", "no-folder"),
    ],
)
@pytest.mark.parametrize("is_named", [False, True])
def test_a_registry_that_is_not_there_is_named_with_what_makes_one(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], is_named: bool
) -> None:
    monkeypatch.setenv("DESPLIEGUE_HOME", str(tmp_path / "nowhere"))
    named = ("--registry", tmp_path / "mine") if is_named else ()
    done = command(*arguments, *named)
    folder = tmp_path / "mine" if is_named else tmp_path / "nowhere" / "registry"
    remedy = "name another by --registry" if is_named else "name another home by DESPLIEGUE_HOME"
    assert (done.status, done.out) == (1, "")
    assert done.err == (
        f"despliegue: no registry in {folder} yet; `despliegue serve` or `despliegue train` makes one, or {remedy}\n"
    )
    assert not (tmp_path / "nowhere").exists()


def test_no_command_redraws_a_line_where_its_output_is_read_by_a_program(command: Command) -> None:
    done = command("check", "car-price")
    assert done.status == 0
    assert "\r" not in done.out + done.err
    assert "car-price: fit" in done.err


def test_bars_of_libraries_are_left_out_of_pipes_alone(
    command: Command, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("TQDM_DISABLE", "HF_HUB_DISABLE_PROGRESS_BARS"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.setenv(variable, "")  # so that the variable is as before after the test
        monkeypatch.delenv(variable)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    command("models")
    assert "TQDM_DISABLE" not in os.environ
    monkeypatch.setattr("sys.stderr.isatty", lambda: False, raising=False)
    command("models")
    assert os.environ["TQDM_DISABLE"] == os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] == "1"


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


def test_a_pipe_that_lacks_some_letters_gets_them_escaped_and_json_whole(root: Path, tmp_path: Path) -> None:
    """A pipe on Windows has the code page of its country, here that of Western Europe."""
    code = (
        "from argparse import Namespace; from model_export.commands.main import main;"
        "from model_export.commands.results import print_result; main(['versions', 'churn']); print('Łódź: 12 €');"
        "print_result(Namespace(json=True, result='Łódź'))"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "DESPLIEGUE_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, check=True)
    lines = done.stdout.splitlines()[-2:]
    assert lines == ["\\u0141ód\\u017a: 12 €".encode("cp1252"), '"Łódź"'.encode()]
