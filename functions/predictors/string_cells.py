"""Tensors of a graph whose every cell depends on one cell of its input of strings, and on nothing else.

They are found by the operators that converters make of texts; a graph with any other is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from functions.predictors.graph_parts import STRING, Constant, GraphParts, Node

MATRIX, SPLIT = 2, 3
"""Ranks: [N, K], and what StringSplit makes of it, [N, K, parts]."""


class MixedCellsError(Exception):
    """A graph whose strings meet something else before they are numbers."""


@dataclass(frozen=True, slots=True)
class Cells:
    """A tensor [N, K] or [N, K, parts]: place k depends on the column `columns[k]` of the input of strings."""

    columns: tuple[int, ...]
    is_string: bool = True
    rank: int = MATRIX


@dataclass(frozen=True, slots=True)
class StringNodes:
    """The nodes that compute with strings, and the tensors of numbers that the other nodes read from them."""

    nodes: tuple[Node, ...]
    others: tuple[Node, ...]
    numbers: Mapping[str, Cells]


Operand = Cells | Constant
Rule = Callable[[Node, Sequence[Operand]], Cells]


def string_nodes(parts: GraphParts, strings: str, width: int) -> StringNodes:
    """The nodes that turn the input `strings` [N, width] into numbers; raises MixedCellsError."""
    if not parts.is_plain or strings not in parts.inputs:
        raise MixedCellsError
    known = {strings: Cells(tuple(range(width)))}
    nodes, others = [], []
    for node in parts.nodes:
        if any(name in known and known[name].is_string for name in node.inputs):
            known |= _outputs(node, [_operand(parts, known, name) for name in node.inputs])
            nodes.append(node)
        else:
            others.append(node)
    read = {name for node in others for name in node.inputs}
    numbers = {name: cells for name, cells in known.items() if name in read}
    # strings among them are read by a node that comes before the one that makes them
    is_sound = {(cells.rank, cells.is_string) for cells in numbers.values()} == {(MATRIX, False)}
    if not is_sound or known.keys() & parts.outputs.keys():
        raise MixedCellsError
    return StringNodes(tuple(nodes), tuple(others), numbers)


def _operand(parts: GraphParts, known: Mapping[str, Cells], name: str) -> Operand:
    found = known.get(name) or parts.constant(name)
    if found is None:
        raise MixedCellsError
    return found


def _outputs(node: Node, operands: Sequence[Operand]) -> Iterator[tuple[str, Cells]]:
    if node.op_type not in RULES:
        raise MixedCellsError
    yield node.outputs[0], RULES[node.op_type](node, operands)
    if len(node.outputs) > 1:  # the numbers of parts of a StringSplit
        yield node.outputs[1], replace(_single(operands[0]), is_string=False)


def _gather(node: Node, operands: Sequence[Operand]) -> Cells:
    data, indices = operands
    cells = _single(data)
    axis = node.integer("axis", 0) % cells.rank
    if not isinstance(indices, Constant) or min(indices.integers, default=-1) < 0:
        raise MixedCellsError  # the last part of a text depends on the longest text of the batch
    if axis == 1 and len(indices.dims) == 1:
        return replace(cells, columns=tuple(cells.columns[place] for place in indices.integers))
    if axis == SPLIT - 1 and not indices.dims:
        return replace(cells, rank=MATRIX)
    raise MixedCellsError


def _concat(node: Node, operands: Sequence[Operand]) -> Cells:
    several = [_single(one) for one in operands]
    if {one.rank for one in several} != {MATRIX} or node.integer("axis", 0) % MATRIX != 1:
        raise MixedCellsError
    return Cells(tuple(column for one in several for column in one.columns))


def _split(node: Node, operands: Sequence[Operand]) -> Cells:
    cells = _single(operands[0])
    if cells.rank != MATRIX:
        raise MixedCellsError
    return replace(cells, rank=SPLIT)


def _label_encoder(node: Node, operands: Sequence[Operand]) -> Cells:
    is_string = node.has("values_strings") or node.element("values_tensor") == STRING
    return replace(_single(operands[0]), is_string=is_string)


def _cell_by_cell(node: Node, operands: Sequence[Operand]) -> Cells:
    """Tensors of the same cells, and constants that are repeated for every row."""
    cells = [one for one in operands if isinstance(one, Cells)]
    if len({(one.columns, one.rank) for one in cells}) != 1:
        raise MixedCellsError
    for one in operands:
        if isinstance(one, Constant) and not _is_repeated(one, cells[0]):
            raise MixedCellsError
    return replace(cells[0], is_string=True)


def _is_repeated(constant: Constant, cells: Cells) -> bool:
    """True if a constant has one value, or one for each column of a matrix."""
    *before, last = (1, *constant.dims)
    is_row = last == 1 or (last == len(cells.columns) and cells.rank == MATRIX)
    return len(constant.dims) <= cells.rank and set(before) <= {1} and is_row


def _equal(node: Node, operands: Sequence[Operand]) -> Cells:
    return replace(_cell_by_cell(node, operands), is_string=False)


def _single(operand: Operand) -> Cells:
    if isinstance(operand, Constant):
        raise MixedCellsError
    return operand


RULES: Mapping[str, Rule] = {
    "Concat": _concat,
    "Equal": _equal,
    "Gather": _gather,
    "Identity": _cell_by_cell,
    "LabelEncoder": _label_encoder,
    "StringConcat": _cell_by_cell,
    "StringSplit": _split,
    "Where": _cell_by_cell,
}
