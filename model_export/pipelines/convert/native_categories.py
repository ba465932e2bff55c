"""Columns of dtype category, which XGBoost and LightGBM number by themselves: texts to numbers, as they do it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from model_export.pipelines.convert.encoders import mapped
from model_export.pipelines.convert.graph import Graph, InexactError, Tensor

Categories = Mapping[int, Sequence[str]]
"""The texts of each categorical column, by its place among all columns, in the order of their numbers."""
GETS_TEXT = "it gets text that it was not fitted on as categories; encode the text columns in a step before it"


def numbered(graph: Graph, inputs: Sequence[Tensor], categories: Categories) -> str:
    """[N, C] doubles: numbers as they are; a text as its number, NaN where it is missing or not known."""
    if len(inputs) > 1 and any(tensor.width is None for tensor in inputs):
        raise InexactError("it gets text and numbers from steps of unknown width; give it one kind of columns")
    start, parts = 0, []
    for tensor in inputs:
        stop = start + (tensor.width or 0)
        parts.append(_codes(graph, tensor, range(start, stop), categories) if tensor.is_string else tensor.name)
        start = stop
    return graph.concat(parts)


def _codes(graph: Graph, tensor: Tensor, places: range, categories: Categories) -> str:
    if not all(place in categories for place in places):
        raise InexactError(GETS_TEXT)
    codes: list[dict[object, float]] = [
        {text: float(number) for number, text in enumerate(categories[place])} for place in places
    ]
    return mapped(graph, tensor, codes, [np.nan] * len(codes))
