"""The result of a command: lines for people, or with --json one document for programs."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from typing import Any

import orjson

from functions.core.errors import DespliegueError, Fault, InvalidInputError
from model_export.commands.tables import table


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--json", action="store_true", help="print the result as one JSON document, and everything else to stderr"
    )


def is_json(options: argparse.Namespace) -> bool:
    return bool(getattr(options, "json", False))


def lines_apart(options: argparse.Namespace) -> AbstractContextManager[Any]:
    """A block whose lines go to standard error where standard output is for a JSON document."""
    return redirect_stdout(sys.stderr) if is_json(options) else nullcontext()


def give(options: argparse.Namespace, result: Any) -> None:
    """Set the result that --json prints."""
    options.result = result


def give_list(options: argparse.Namespace, records: Sequence[Mapping[str, Any]], *, if_empty: str) -> None:
    """Print the records as a table, or `if_empty` to standard error; with --json they are the result."""
    give(options, records)
    if not records:
        print(if_empty, file=sys.stderr)
    elif not is_json(options):
        print("\n".join(table(records)))


def print_result(options: argparse.Namespace) -> None:
    """Print the document, if one is wanted and the command came to a result."""
    if is_json(options) and hasattr(options, "result"):
        _print(options.result)


def print_errors(options: argparse.Namespace, error: DespliegueError) -> None:
    """Print the faults in the form of HTTP, if a document is wanted."""
    if is_json(options):
        faults = error.faults if isinstance(error, InvalidInputError) else [Fault((), str(error), type(error).__name__)]
        _print({"errors": [fault.to_dict() for fault in faults]})


def _print(document: Any) -> None:
    text = orjson.dumps(document, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # as programs read JSON, whatever people read here
    print(text, flush=True)


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else str(value)
