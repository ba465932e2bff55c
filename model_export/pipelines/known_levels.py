"""The levels of a schema as a ready pipeline knows them: those of its encoders, not those of the rows at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sklearn.feature_extraction import DictVectorizer

from functions.core.schema import Feature, Schema
from model_export.pipelines.convert import first_step
from model_export.pipelines.convert.closed_encoders import encoded_levels


def with_known_levels(schema: Schema, pipeline: Any) -> Schema:
    """The schema with the levels of each column that an encoder or a DictVectorizer of the pipeline reads.

    A value warns if the pipeline never learned it, and is refused if it looks like one that it did.
    """
    known = _known(pipeline, schema)
    return replace(schema, features=tuple(_with_levels(feature, known) for feature in schema.features))


def _with_levels(feature: Feature, known: Mapping[str, frozenset[str]]) -> Feature:
    levels = known.get(feature.name)
    return replace(feature, levels=tuple(sorted(levels))) if levels and feature.learns_levels else feature


def _known(pipeline: Any, schema: Schema) -> dict[str, frozenset[str]]:
    first = first_step(pipeline)
    if isinstance(first, DictVectorizer):
        return {name: _levels(first, name) for name in schema.string_names}
    return {name: _texts(values) for name, values in encoded_levels(pipeline).items()}


def _levels(vectorizer: DictVectorizer, name: str) -> frozenset[str]:
    head = f"{name}{vectorizer.separator}"
    return frozenset(entry.removeprefix(head) for entry in vectorizer.feature_names_ if entry.startswith(head))


def _texts(values: Iterable[Any]) -> frozenset[str]:
    # The empty text is a missing value wherever it is sent.
    return frozenset(str(value) for value in values if isinstance(value, str) and value)
