"""DictVectorizer as the first step: strings one-hot as name=value, numbers as they are.

Instances are dictionaries without what is missing, so a missing number counts as 0, a missing string as none. A sparse
matrix leaves out what an instance lacks, which XGBoost takes for missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model_export.pipelines.convert.encoders import indicators, look_up
from model_export.pipelines.convert.graph import Graph, InexactError, Tensor


@dataclass(frozen=True, slots=True)
class NamedDictVectorizer:
    """The vectorizer with the names of the features, in the order of the columns of its two inputs.

    `absent` is the value of the entries that an instance lacks: 0, or NaN for a step that takes them for missing.
    """

    vectorizer: Any
    strings: tuple[str, ...]
    numbers: tuple[str, ...]
    absent: float = 0.0


def dict_vectorizer(graph: Graph, named: NamedDictVectorizer, inputs: Sequence[Tensor]) -> tuple[str, ...]:
    if named.vectorizer.dtype not in (float, np.float64):
        raise InexactError("its dtype is not supported; set dtype=np.float64")
    strings, numbers = _split_vocabulary(named)
    parts, order = [], []
    for tensor in inputs:
        if tensor.is_string and strings:
            kept = [(column, value) for column, value, _ in strings]
            categories = [[value for _, value in kept]]
            parts.append(_present(graph, indicators(graph, look_up(graph, tensor, categories), kept), named.absent))
            order += [position for _, _, position in strings]
        elif not tensor.is_string and numbers:
            parts.append(_numbers(graph, tensor, [column for column, _ in numbers], named.absent))
            order += [position for _, position in numbers]
    joined = graph.concat(parts)
    # The vectorizer sorts names of strings and numbers together; here each kind comes from a tensor of its own.
    if order == list(range(len(order))):
        return (joined,)
    return (graph.gather(joined, np.argsort(order).tolist()),)


def _present(graph: Graph, ones: str, absent: float) -> str:
    """Ones and `absent` from ones and zeros."""
    if not np.isnan(absent):
        return ones
    return graph.op("Where", graph.op("Equal", ones, graph.doubles(1, of=1.0)), ones, graph.doubles(1, of=absent))


def _numbers(graph: Graph, tensor: Tensor, columns: list[int], absent: float) -> str:
    x = tensor.name if columns == list(range(tensor.width or 0)) else graph.gather(tensor.name, columns)
    return x if np.isnan(absent) else graph.op("Where", graph.op("IsNaN", x), graph.doubles(1, of=absent), x)


def _split_vocabulary(
    named: NamedDictVectorizer,
) -> tuple[list[tuple[int, str, int]], list[tuple[int, int]]]:
    """(column, value, position) of the one-hot entries and (column, position) of the numbers."""
    strings, numbers = [], []
    for entry, position in sorted(named.vectorizer.vocabulary_.items(), key=lambda item: item[1]):
        owners = _owners(entry, named)
        if len(owners) != 1:
            raise InexactError(_fault(entry, named, len(owners)))
        column, value = owners[0]
        if value is None:
            numbers.append((column, position))
        else:
            strings.append((column, value, position))
    if not strings and not numbers:
        raise InexactError("its vocabulary is empty")
    return strings, sorted(numbers)


def _owners(entry: str, named: NamedDictVectorizer) -> list[tuple[int, str | None]]:
    owners: list[tuple[int, str | None]] = [
        (column, None) for column, name in enumerate(named.numbers) if entry == name
    ]
    for column, name in enumerate(named.strings):
        prefix = f"{name}{named.vectorizer.separator}"
        if entry.startswith(prefix) and entry != prefix:
            owners.append((column, entry.removeprefix(prefix)))
    return owners


def _fault(entry: str, named: NamedDictVectorizer, owners: int) -> str:
    if owners:
        return f"{entry!r} of its vocabulary may come from several features; rename one or set another separator"
    if entry in named.strings:
        return f"feature {entry!r} is text and was None in training, which becomes NaN; leave out what is missing"
    return f"{entry!r} of its vocabulary is no feature of the schema, or of another type; fit it on its features"
