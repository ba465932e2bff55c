"""Results of commands: lines for people, or one JSON document."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import pytest

from functions.core.errors import DefinitionError, Fault, InvalidInputError
from model_export.commands.results import add_json, give, give_list, lines_apart, print_errors, print_result

Captured = pytest.CaptureFixture[str]


def options(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_json(parser)
    return parser.parse_args(arguments)


def test_lines_are_printed_and_no_document(capsys: Captured) -> None:
    wanted = options()
    with lines_apart(wanted):
        print("a line")
    give(wanted, {"version": 1})
    print_result(wanted)
    print_errors(wanted, DefinitionError("wrong"))
    assert capsys.readouterr() == ("a line\n", "")


def test_a_document_is_alone_on_standard_output(capsys: Captured) -> None:
    wanted = options("--json")
    with lines_apart(wanted):
        print("a line")
    give(wanted, {"version": 1, "folder": Path("models/x"), "metrics": {"r2": float("nan")}})
    print_result(wanted)
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {"version": 1, "folder": "models/x", "metrics": {"r2": None}}
    assert captured.err == "a line\n"
    assert sys.stdout is not sys.stderr


def test_a_command_without_a_result_prints_none(capsys: Captured) -> None:
    print_result(options("--json"))
    print_result(argparse.Namespace())
    assert capsys.readouterr().out == ""


def test_a_list_is_a_table_or_an_array(capsys: Captured) -> None:
    give_list(options(), [{"version": 1}], if_empty="none yet")
    assert capsys.readouterr() == ("VERSION\n1\n", "")
    give_list(options(), [], if_empty="none yet")
    assert capsys.readouterr() == ("", "none yet\n")
    wanted = options("--json")
    give_list(wanted, [], if_empty="none yet")
    print_result(wanted)
    assert capsys.readouterr() == ("[]\n", "none yet\n")


def test_errors_have_the_form_of_http(capsys: Captured) -> None:
    print_errors(options("--json"), InvalidInputError([Fault(("line", 3, "año"), "is wrong", "type")]))
    assert json.loads(capsys.readouterr().out) == {
        "errors": [{"loc": ["line", 3, "año"], "msg": "is wrong", "type": "type"}]
    }
    print_errors(options("--json"), DefinitionError("no such model"))
    assert json.loads(capsys.readouterr().out) == {
        "errors": [{"loc": [], "msg": "no such model", "type": "DefinitionError"}]
    }
