"""Arguments of a fine-tuning as they are given, in a TOML file and as NAME=VALUE, with their types checked."""

from __future__ import annotations

import difflib
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from functions.core.errors import Fault, InvalidInputError
from model_export.fine_tuning.arguments import FineTuningArguments

ON_THE_COMMAND_LINE = "--arg"
IN_PYTHON = {"True": "true", "False": "false", "None": "null"}
WORDS: Mapping[type, str] = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a text",
    Mapping: "a table of names and plain values",
    NoneType: "none",
}


@dataclass(frozen=True, slots=True)
class Given:
    """One argument, and where it was given."""

    source: str
    name: str
    value: Any

    def fault(self, message: str, kind: str) -> Fault:
        return Fault((self.source, self.name), message, kind)


def read_given(path: Path | None, assignments: Sequence[str]) -> dict[str, Any]:
    """The arguments of the file, and over them those of the command line; raises InvalidInputError with every fault."""
    in_file = _in_file(path) if path else []
    told = [_assigned(assignment) for assignment in assignments]
    repeated = [name for name, count in Counter(one.name for one in told).items() if count > 1]
    faults = [
        Fault((ON_THE_COMMAND_LINE, name), "is given more than once: give it once", "repeated") for name in repeated
    ]
    faults += [fault for one in (*in_file, *told) for fault in _faults(one)]
    if faults:
        raise InvalidInputError(faults)
    return {one.name: float(one.value) if KINDS[one.name] == (float,) else one.value for one in (*in_file, *told)}


def _in_file(path: Path) -> list[Given]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInputError([Fault((str(path),), f"cannot be read: {error.strerror}", "unreadable")]) from None
    except ValueError as error:
        raise InvalidInputError([Fault((str(path),), f"is no TOML: {error}", "toml")]) from None
    return [Given(str(path), name, value) for name, value in document.items()]


def _assigned(assignment: str) -> Given:
    name, sign, text = assignment.partition("=")
    if not sign:
        raise InvalidInputError([Fault((ON_THE_COMMAND_LINE, assignment), "must be NAME=VALUE", "assignment")])
    return Given(ON_THE_COMMAND_LINE, name.strip(), _value(text.strip(), KINDS.get(name.strip(), ())))


def _value(text: str, kinds: tuple[type, ...]) -> Any:
    """Texts stand as they are, all else is JSON, or one of Python's own words."""
    if str in kinds:
        return text
    try:
        return json.loads(IN_PYTHON.get(text, text))
    except (ValueError, RecursionError):
        return text


def _faults(given: Given) -> Iterator[Fault]:
    kinds = KINDS.get(given.name)
    if kinds is None:
        yield given.fault(f"is no argument of a fine-tuning; {_hint(given.name)}", "unknown")
    elif not any(_fits(given.value, kind) for kind in kinds):
        wanted = " or ".join(WORDS[kind] for kind in kinds)
        yield given.fault(f"must be {wanted}, not {given.value!r}", "type")


def _hint(name: str) -> str:
    near = difflib.get_close_matches(name, KINDS, n=1)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(KINDS)}"


def _fits(value: Any, kind: type) -> bool:
    if kind is bool or isinstance(value, bool):
        return kind is bool and isinstance(value, bool)
    if kind is float:
        return isinstance(value, int | float) and abs(value) <= sys.float_info.max
    if kind is Mapping:
        return isinstance(value, dict) and _is_plain(value)
    return isinstance(value, kind)


def _is_plain(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True


def _kinds(hint: Any) -> tuple[type, ...]:
    return get_args(hint) if isinstance(hint, UnionType) else (get_origin(hint) or hint,)


KINDS: Mapping[str, tuple[type, ...]] = {
    name: _kinds(hint) for name, hint in get_type_hints(FineTuningArguments).items()
}
"""The types that each argument may have."""
