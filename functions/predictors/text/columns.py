"""Text columns of a table as dense terms: the file text_columns.json, one vectorizer for each use of a column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from functions.core.schema import Table
from functions.core.tasks import TEXT_COLUMNS
from functions.predictors.predictions import Doubles
from functions.predictors.text.features import TextFeatures
from functions.predictors.text.vectorizer import VECTORIZER_FORMATS, Vectorizer
from functions.predictors.text.versioned_json import read_versioned


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A feature of the schema, and the vectorizer that reads it."""

    feature: str
    vectorizer: Vectorizer


def text_columns_json(columns: Sequence[TextColumn]) -> bytes:
    """The bytes of text_columns.json; raises TypeError for text that UTF-8 cannot hold."""
    written = [{"feature": column.feature, "vectorizer": column.vectorizer.keys()} for column in columns]
    version = max(column.vectorizer.format_version for column in columns)
    return orjson.dumps({"format_version": version, "columns": written})


class TextColumns:
    """Dense terms [N, terms] for each vectorizer, under the names of the graph's inputs."""

    def __init__(self, body: bytes) -> None:
        """Read text_columns.json; raises DamagedVersionError."""
        document = read_versioned(body, _Document, TEXT_COLUMNS, VECTORIZER_FORMATS)
        self._columns = [(column.feature, TextFeatures(column.vectorizer), column) for column in document.columns]
        self.width = sum(column.vectorizer.width for _, _, column in self._columns)
        """Terms of all vectorizers for a row."""

    def inputs(self, table: Table) -> dict[str, Doubles]:
        """The dense terms of all rows: `terms_0` and so on, float64 [N, terms]."""
        return {terms_input(place): self._dense(place, table) for place in range(len(self._columns))}

    def _dense(self, place: int, table: Table) -> Doubles:
        feature, features, column = self._columns[place]
        texts: list[Any] = table[feature]
        found = features.of(texts)
        dense = np.zeros((len(texts), column.vectorizer.width))
        dense[found.rows, found.columns] = found.values
        return dense


def terms_input(place: int) -> str:
    """The name of the graph's input for the vectorizer at this place of the file."""
    return f"terms_{place}"


@dataclass(frozen=True, slots=True)
class _Document:
    format_version: int
    columns: tuple[TextColumn, ...]
