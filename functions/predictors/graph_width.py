"""The columns of the widest tensor that a graph makes of a row, by the constants that its nodes read."""

from __future__ import annotations

from collections.abc import Iterator

from functions.predictors.graph_parts import GraphParts, Node


def graph_width(parts: GraphParts) -> int:
    """The longest side of a constant that meets the rows, at least 1: a column for each level or support vector.

    A graph of trees has none, whatever its size. Raises WireFormatError.
    """
    sides = (side for node in parts.nodes for name in _beside_rows(node) for side in parts.dims(name))
    return max(sides, default=1) or 1


def _beside_rows(node: Node) -> Iterator[str]:
    """The inputs of a node whose sides its output may have; of a table that Gather looks up, it has cells alone."""
    yield from node.inputs[1:] if node.op_type == "Gather" else node.inputs
