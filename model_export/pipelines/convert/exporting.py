"""What serves a pipeline: its files by name, for each task."""

from __future__ import annotations

from typing import Any

from functions.core.definition import Task
from functions.core.schema import Schema
from functions.predictors.by_task import GRAPH, VECTORIZER
from model_export.pipelines.convert.pipelines import convert
from model_export.pipelines.convert.text import convert_text


def export(task: Task, pipeline: Any, schema: Schema) -> dict[str, bytes]:
    """The files that the task's predictor reads; raises ConversionError."""
    if task == "text-classification":
        graph, vectorizer = convert_text(pipeline)
        return {GRAPH: graph, VECTORIZER: vectorizer.to_json()}
    return {GRAPH: convert(pipeline, schema)}
