"""Instances that differ from a good one in one field, chosen by a fixed seed."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tools.replay.samples import Row

SEED = 12
LONG = 5_000
TEXTS: tuple[tuple[str, Any], ...] = (
    ("a level never seen", "never seen"),
    ("an empty text", ""),
    ("spaces alone", "   "),
    ("a number", 5),
    ("emoji and right to left", "🚗 سيارة"),
    ("a zero character", "a\x00b"),
    ("a long text", "x" * LONG),
)
NUMBERS: tuple[tuple[str, Any], ...] = (
    ("a negative number", -1),
    ("half a number", 0.5),
    ("a whole number with a point", 3.0),
    ("a huge number", 1e308),
    ("an integer beyond 2**53", 2**53 + 1),
    ("a number as text", "34"),
    ("zero", 0),
)
ANYTHING: tuple[tuple[str, Any], ...] = (
    ("null", None),
    ("true", True),
    ("an array", [1]),
    ("an object", {"a": 1}),
)


@dataclass(frozen=True, slots=True)
class Mutation:
    """An instance with one change, which `name` describes."""

    name: str
    row: Row


def mutations(row: Row, count: int) -> list[Mutation]:
    """The asked number of mutations, or all that there are, in a fixed order."""
    every = list(_all(row))
    chosen = random.Random(SEED).sample(range(len(every)), min(count, len(every)))  # noqa: S311
    return [every[at] for at in sorted(chosen)]


def _all(row: Row) -> Iterator[Mutation]:
    for field, value in row.items():
        yield Mutation(f"{field} left out", {name: other for name, other in row.items() if name != field})
        for what, other in (*(TEXTS if isinstance(value, str) else NUMBERS), *ANYTHING):
            yield Mutation(f"{field} is {what}", {**row, field: other})
        if isinstance(value, str):
            yield Mutation(f"{field} in other letters", {**row, field: value.swapcase()})
            yield Mutation(f"{field} with a space after it", {**row, field: f"{value} "})
        yield Mutation(f"{field} renamed", {(f"{name}_" if name == field else name): one for name, one in row.items()})


def broken_texts(row: Row) -> list[tuple[str, str]]:
    """Bodies that are not JSON, or JSON that parsers read differently; the key names the fault."""
    good = json.dumps(row, ensure_ascii=False)
    field, value = next(iter(row.items()))
    number = next((name for name, one in row.items() if isinstance(one, int | float)), field)
    return [
        ("nothing at all", ""),
        ("a space alone", " "),
        ("cut off", good[:-7]),
        ("a trailing comma", f"{good[:-1]},}}"),
        ("single quotes", good.replace('"', "'")),
        ("a comment", f"/* one */ {good}"),
        ("two documents", f"{good} {good}"),
        ("a byte order mark", f"\ufeff{good}"),
        ("NaN", json.dumps({**row, number: float("nan")})),
        ("Infinity", json.dumps({**row, number: float("inf")})),
        ("a number too large for a float", good[:-1] + ', "more": 1e400}'),
        ("a repeated key", f"{good[:-1]}, {json.dumps(field)}: {json.dumps(value)}}}"),
        ("a repeated key in escapes", f'{good[:-1]}, "\\u{ord(field[0]):04x}{field[1:]}": {json.dumps(value)}}}'),
        ("half a surrogate", json.dumps({**row, field: "\ud800"})),
        ("nested too deeply", "[" * 2_000 + "]" * 2_000),
        ("line breaks and spaces", json.dumps(row, indent=4)),
        ("all in escapes", json.dumps(row, ensure_ascii=True)),
        ("a text", '"text"'),
        ("a number", "5"),
        ("null", "null"),
        ("true", "true"),
        ("an empty object", "{}"),
        ("an empty array", "[]"),
        ("an array of numbers", "[1, 2]"),
        ("an array of arrays", f"[[{good}]]"),
        ("an array with null", f"[{good}, null]"),
        ("instances is an object", f'{{"instances": {good}}}'),
        ("instances is null", '{"instances": null}'),
        ("instances is empty", '{"instances": []}'),
        ("instances with a neighbour", f'{{"instances": [{good}], "options": {{}}}}'),
        ("instances twice", f'{{"instances": [{good}], "instances": [{good}]}}'),
        ("texts", f'{{"texts": [{good}]}}'),
        ("inputs", f'{{"inputs": [{good}]}}'),
    ]
