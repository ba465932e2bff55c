"""Files that serve a pipeline, by task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from functions.core.schema import Schema
from functions.core.tasks import GRAPH, VECTORIZER, Task
from model_export.pipelines.convert.pipelines import convert
from model_export.pipelines.convert.text import convert_text

Files = dict[str, bytes]


def _table(pipeline: Any, schema: Schema) -> Files:
    return {GRAPH: convert(pipeline, schema)}


def _text(pipeline: Any, schema: Schema) -> Files:
    graph, vectorizer = convert_text(pipeline)
    return {GRAPH: graph, VECTORIZER: vectorizer.to_json()}


EXPORTERS: Mapping[Task, Callable[[Any, Schema], Files]] = {
    "tabular-classification": _table,
    "tabular-regression": _table,
    "text-classification": _text,
}


def export(task: Task, pipeline: Any, schema: Schema) -> Files:
    """The files that the task's predictor reads, by name; raises ConversionError."""
    return EXPORTERS[task](pipeline, schema)
