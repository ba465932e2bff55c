"""Expressions of columns, such as `price / area`: a small grammar of its own, read from a text and never executed.

Python's parser reads the text, and whatever is not listed here is refused.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Value = TypeVar("Value")
MOST_CHARACTERS = 1000
SHOWN = 80
"""Characters of an expression that a message shows."""
MOST_LEVELS = 100
"""Of operations inside of operations; a sum of so many columns has so many."""
OPERATORS: Mapping[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
FUNCTIONS: Mapping[str, int] = {
    "abs": 1,
    "ceil": 1,
    "exp": 1,
    "expm1": 1,
    "floor": 1,
    "isnan": 1,
    "log": 1,
    "log10": 1,
    "log1p": 1,
    "log2": 1,
    "maximum": 2,
    "minimum": 2,
    "sqrt": 1,
    "where": 3,
}
"""How many arguments each function takes."""
COLUMN = "column"
"""The function that names a column which is no name in Python: column("price (EUR)")."""
NEGATIVE, SQUARE = "negative", "square"
ALLOWED = (
    "an expression has columns, numbers, + - * / % **, comparisons of two values, and the functions "
    f"{', '.join(FUNCTIONS)}, {COLUMN}"
)


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class ColumnName:
    name: str


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator, as it is written, or a function, NEGATIVE or SQUARE, of its arguments."""

    name: str
    arguments: tuple[Tree, ...]


Tree = Number | ColumnName | Operation
POWERS: Mapping[Tree, str] = {Number(2.0): SQUARE, Number(0.5): "sqrt"}
"""Powers that have a function, which rounds alike everywhere."""


def parse_expression(text: str) -> Tree:
    """The tree of an expression; raises ValueError that says what is not understood."""
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"an expression has {len(text)} characters, and the limit is {MOST_CHARACTERS}")
    try:
        tree = _read(ast.parse(text.strip(), mode="eval").body)
    # a text with NUL is a ValueError for Python's parser, and one that is nested too deep any of the others
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"expression {_shown(text)} cannot be read: {error}; {ALLOWED}") from None
    except _NotUnderstood as error:
        raise ValueError(f"expression {_shown(text)}: {error}") from None
    if not any(True for _ in columns_of(tree)):
        raise ValueError(f"expression {_shown(text)} names no column")
    return tree


def _shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")


def fold(
    tree: Tree,
    number: Callable[[float], Value],
    column: Callable[[str], Value],
    operation: Callable[[str, Sequence[Value]], Value],
) -> Value:
    """The value of a tree, from those of its numbers and columns."""
    if isinstance(tree, Number):
        return number(tree.value)
    if isinstance(tree, ColumnName):
        return column(tree.name)
    return operation(tree.name, [fold(one, number, column, operation) for one in tree.arguments])


def columns_of(tree: Tree) -> Iterator[str]:
    """The columns that a tree reads, from left to right, each as often as it is there."""
    if isinstance(tree, ColumnName):
        yield tree.name
    elif isinstance(tree, Operation):
        for one in tree.arguments:
            yield from columns_of(one)


def divisors_of(tree: Tree) -> Iterator[str]:
    """The columns in what a tree divides by."""
    if isinstance(tree, Operation):
        if tree.name in ("/", "%"):
            yield from columns_of(tree.arguments[1])
        for one in tree.arguments:
            yield from divisors_of(one)


class _NotUnderstood(Exception):
    """A part of an expression that is not in the grammar."""


def _read(node: ast.AST, level: int = 0) -> Tree:
    reader = READERS.get(type(node))
    if reader is None:
        raise _NotUnderstood(f"{_written(node)} is not understood; {ALLOWED}")
    if level > MOST_LEVELS:
        raise _NotUnderstood(f"more than {MOST_LEVELS} operations are inside of each other; give parts of it a name")
    return reader(node, level + 1)


def _constant(node: ast.Constant, level: int) -> Tree:
    if type(node.value) not in (int, float):
        raise _NotUnderstood(f"{_written(node)} is no number; {ALLOWED}")
    try:
        return Number(float(node.value))  # type: ignore[arg-type]
    except OverflowError:
        raise _NotUnderstood("a number is too large for float64") from None


def _name(node: ast.Name, level: int) -> Tree:
    return ColumnName(node.id)


def _binary(node: ast.BinOp, level: int) -> Tree:
    if type(node.op) not in OPERATORS:
        raise _NotUnderstood(f"{_written(node)} is not understood; {ALLOWED}")
    left, right = _read(node.left, level), _read(node.right, level)
    if isinstance(node.op, ast.Pow) and right in POWERS:
        return Operation(POWERS[right], (left,))
    return Operation(OPERATORS[type(node.op)], (left, right))


def _unary(node: ast.UnaryOp, level: int) -> Tree:
    if isinstance(node.op, ast.UAdd):
        return _read(node.operand, level)
    if not isinstance(node.op, ast.USub):
        raise _NotUnderstood(f"{_written(node)} is not understood; {ALLOWED}")
    operand = _read(node.operand, level)
    return Number(-operand.value) if isinstance(operand, Number) else Operation(NEGATIVE, (operand,))


def _comparison(node: ast.Compare, level: int) -> Tree:
    if len(node.ops) > 1:
        raise _NotUnderstood("a comparison has two values; write (a < b) * (b < c)")
    if type(node.ops[0]) not in OPERATORS:
        raise _NotUnderstood(f"{_written(node)} is not understood; {ALLOWED}")
    return Operation(OPERATORS[type(node.ops[0])], (_read(node.left, level), _read(node.comparators[0], level)))


def _call(node: ast.Call, level: int) -> Tree:
    name = node.func.id if isinstance(node.func, ast.Name) else _written(node.func)
    if name == COLUMN:
        return _named_column(node)
    if name not in FUNCTIONS:
        raise _NotUnderstood(f"{name} is none of the functions; {ALLOWED}")
    if node.keywords or len(node.args) != FUNCTIONS[name]:
        raise _NotUnderstood(f"{name} takes {_count(FUNCTIONS[name])}, without names")
    return Operation(name, tuple(_read(one, level) for one in node.args))


def _named_column(node: ast.Call) -> Tree:
    (argument,) = node.args if len(node.args) == 1 else (None,)
    if node.keywords or not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
        raise _NotUnderstood(f'{COLUMN} takes the name of one column as text, as in {COLUMN}("price (EUR)")')
    return ColumnName(argument.value)


def _count(values: int) -> str:
    return "one value" if values == 1 else f"{values} values"


def _written(node: ast.AST) -> str:
    return ast.unparse(node)


READERS: Mapping[type[ast.AST], Callable[..., Tree]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _comparison,
    ast.Call: _call,
}
