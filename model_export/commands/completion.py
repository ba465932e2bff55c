"""despliegue completion: a script that completes commands, options, choices and models in a shell."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from functions import SERVICE
from model_export.commands.parsing import CommandParser

MODELS = "$(command ls models 2>/dev/null)"
HEAD = f"_{SERVICE}"
EXAMPLES = [
    "source <(despliegue completion bash)    # in ~/.bashrc",
    "source <(despliegue completion zsh)     # in ~/.zshrc, after compinit",
    "despliegue completion fish > ~/.config/fish/completions/despliegue.fish",
]


def add_parser(commands: Any, whole: CommandParser) -> None:
    parser = commands.add_parser(
        "completion",
        help="print a script with which a shell completes commands and options",
        description="Print a script with which a shell completes commands, options, choices and the models of the "
        "folder models/. It is made of the options of this version: make it again after an upgrade.",
        examples=EXAMPLES,
    )
    parser.add_argument("shell", choices=sorted(SCRIPTS), help="the shell")
    parser.set_defaults(run=lambda options: _write(options, whole))


def _write(options: argparse.Namespace, whole: CommandParser) -> int:
    print(SCRIPTS[options.shell](whole))
    return 0


def _paths(parser: CommandParser, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], CommandParser]]:
    """Each parser under its path of commands; the whole one has none."""
    yield path, parser
    for name, command in parser.commands.items():
        yield from _paths(command, (*path, name))


def _words(parser: CommandParser) -> list[str]:
    """The words that may follow: commands, options, the choices of what has no option, and models."""
    words = [*parser.commands]
    for action in parser._actions:
        words += action.option_strings
        if not action.option_strings and not parser.commands:
            words += [MODELS] if action.dest == "model" else map(str, action.choices or ())
    return words


def _choices(parser: CommandParser) -> Mapping[str, list[str]]:
    """The values of each option that has a closed list of them."""
    return {
        flag: [str(choice) for choice in action.choices]
        for action in parser._actions
        if action.choices
        for flag in action.option_strings
    }


def bash(whole: CommandParser) -> str:
    """A function for `complete`; where it finds nothing, bash completes names of files.

    None of its variables is called `path` or `words`, which mean something else in zsh.
    """
    lines = [
        f"{HEAD}() {{",
        '  local now="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" place="" word known=""',
        '  for word in "${COMP_WORDS[@]:1:$((COMP_CWORD-1))}"; do',
        '    case "$place $word" in',
    ]
    found = list(_paths(whole))
    lines += [f'      "{_joined(path[:-1])} {path[-1]}") place="{_joined(path)}" ;;' for path, _ in found if path]
    lines += ["    esac", "  done", '  case "$place:$before" in']
    for path, parser in found:
        for flag, choices in _choices(parser).items():
            lines.append(f'    "{_joined(path)}:{flag}") known="{" ".join(choices)}" ;;')
    lines += ['    *) case "$place" in']
    lines += [f'      "{_joined(path)}") known="{" ".join(_words(parser))}" ;;' for path, parser in found]
    lines += ["    esac ;;", "  esac", '  COMPREPLY=($(compgen -W "$known" -- "$now"))', "}"]
    return "\n".join([*lines, f"complete -o default -F {HEAD} {SERVICE}"])


def _joined(path: tuple[str, ...]) -> str:
    return " ".join(path)


def zsh(whole: CommandParser) -> str:
    """The script of bash, which zsh runs by bashcompinit."""
    return f"autoload -U +X bashcompinit && bashcompinit\n{bash(whole)}"


def fish(whole: CommandParser) -> str:
    """A line for each command, option and choice."""
    lines = []
    for path, parser in _paths(whole):
        seen = [f"__fish_seen_subcommand_from {name}" for name in path]
        if parser.commands:
            names = " ".join(parser.commands)
            condition = " ; and ".join([*seen, f"not __fish_seen_subcommand_from {names}"])
            lines += [
                f"complete -c {SERVICE} -n {_quoted(condition)} -f -a {name} -d {_quoted(command.summary)}"
                for name, command in parser.commands.items()
            ]
        lines += (_fish_option(seen, action) for action in parser._actions if _is_completed(action, parser))
    return "\n".join(lines)


def _is_completed(action: argparse.Action, parser: CommandParser) -> bool:
    return bool(action.option_strings or (not parser.commands and (action.choices or action.dest == "model")))


def _fish_option(seen: list[str], action: argparse.Action) -> str:
    parts = [f"complete -c {SERVICE}"]
    if seen:
        parts.append(f"-n {_quoted(' ; and '.join(seen))}")
    parts += [f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in action.option_strings]
    values = " ".join(map(str, action.choices or ()))
    if not action.option_strings:
        values = values or "(command ls models 2>/dev/null)"
        return " ".join([*parts, f"-f -a {_quoted(values)}"])
    if action.nargs != 0:
        parts.append(f"-x -a {_quoted(values)}" if values else "-r")
    text = str(action.help).replace("%(default)s", str(action.default))
    return " ".join([*parts, f"-d {_quoted(text)}"])


def _quoted(text: str) -> str:
    escaped = " ".join(text.split()).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


SCRIPTS: Mapping[str, Callable[[CommandParser], str]] = {"bash": bash, "fish": fish, "zsh": zsh}
