"""Files that serve a pipeline, by task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from functions.core.schema import Schema
from functions.core.tasks import GRAPH, TEXT_COLUMNS, VECTORIZER, Task
from functions.predictors.text.columns import text_columns_json
from model_export.pipelines.convert.pipelines import convert_table
from model_export.pipelines.convert.text import convert_text, is_sparse

Files = dict[str, bytes]


def _table(pipeline: Any, schema: Schema) -> Files:
    graph, texts = convert_table(pipeline, schema)
    return {GRAPH: graph, TEXT_COLUMNS: text_columns_json(texts)} if texts else {GRAPH: graph}


def _text(pipeline: Any, schema: Schema) -> Files:
    if not is_sparse(pipeline):
        return _table(pipeline, schema)
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
