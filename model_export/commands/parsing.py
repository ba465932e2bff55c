"""The parser of the command line: help with examples, and the nearest name for one that does not exist."""

from __future__ import annotations

import argparse
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from functions.core.near_names import nearest

MARGIN = 2
"""The columns of a terminal that argparse leaves free."""


class CommandParser(argparse.ArgumentParser):
    """A parser whose help ends with `examples`, and which may have commands of its own."""

    def __init__(
        self, *, examples: Sequence[str] = (), description: str = "", epilog: str = "", **options: Any
    ) -> None:
        columns = shutil.get_terminal_size().columns - MARGIN
        shown = ["examples:", *(f"  {example}" for example in examples)] if examples else []
        super().__init__(
            # lines of examples have to stay lines, so that only the texts are wrapped
            formatter_class=argparse.RawDescriptionHelpFormatter,
            description=textwrap.fill(description, columns),
            epilog="\n".join([*shown, *([""] if shown and epilog else []), textwrap.fill(epilog, columns)]).strip("\n"),
            **options,
        )
        self.examples = tuple(examples)
        self.summary = ""
        self.commands: Mapping[str, CommandParser] = {}

    def add_commands(self, metavar: str) -> Commands:
        """The place for the parsers of commands, of which one has to be named."""
        commands = self.add_subparsers(required=True, metavar=metavar)
        self.commands = commands.choices
        return Commands(commands)

    def parse_known(self, arguments: Sequence[str]) -> argparse.Namespace:
        """The options; ends the program with status 2 for an unknown name, after the one that was probably meant."""
        parser = self._named(arguments)
        options, unknown = self.parse_known_args(arguments)
        if unknown:
            flags = [flag for action in parser._actions for flag in action.option_strings]
            given = unknown[0].partition("=")[0]
            parser._refuse(f"unrecognized arguments: {' '.join(unknown)}", given, flags)
        return options

    def _named(self, arguments: Sequence[str]) -> CommandParser:
        """The parser of the command that the arguments name."""
        parser = self
        for word in arguments:
            if word.startswith("-") and parser.commands:
                continue
            if not parser.commands:
                break
            if word not in parser.commands:
                parser._refuse(f"no command {word!r}", word, parser.commands)
            parser = parser.commands[word]
        return parser

    def _refuse(self, message: str, name: str, known: Sequence[str] | Mapping[str, Any]) -> NoReturn:
        near = nearest(name, known)
        self.error(f"{message}; did you mean {near}?" if near else message)


class Commands:
    """The commands of a parser."""

    def __init__(self, commands: Any) -> None:
        self._commands = commands

    def add_parser(self, name: str, *, help: str, description: str = "", **options: Any) -> CommandParser:
        """The parser of a new command; `help` is its line in the list of commands, and its description without one."""
        text = description or f"{help[:1].upper()}{help[1:]}."
        parser: CommandParser = self._commands.add_parser(name, help=help, description=text, **options)
        parser.summary = help
        return parser
