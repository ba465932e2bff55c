"""Files that serve a pipeline: the ones that its task's predictor reads."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline

from functions.core.errors import ConversionError
from functions.core.schema import Feature, Schema
from functions.core.tasks import TASKS, Task
from functions.predictors.text.vectorizer import Vectorizer
from model_export.pipelines.convert.exporting import EXPORTERS, export
from model_export.pipelines.convert.pipelines import convert

NUMBER = Schema((Feature("x", "number"),), Feature("y", "number"))
TEXT = Schema((Feature("text", "string", categorical=False),), Feature("tag", "string"))


def test_every_task_of_a_pipeline_is_exported() -> None:
    assert EXPORTERS.keys() == {task for task, traits in TASKS.items() if "pipeline" in traits.served_files}


@pytest.mark.parametrize(
    ("task", "pipeline"),
    [
        ("tabular-regression", LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0])),
        ("tabular-classification", LogisticRegression().fit([[1.0], [2.0]], ["a", "b"])),
    ],
)
def test_a_table_is_served_by_its_graph(task: Task, pipeline: Any) -> None:
    files = export(task, pipeline, NUMBER)
    assert tuple(files) == TASKS[task].served_files["pipeline"]
    assert files["model.onnx"] == convert(pipeline, NUMBER)


@pytest.mark.parametrize("is_nested", [False, True])
def test_texts_are_served_by_a_graph_and_a_vectorizer(is_nested: bool) -> None:
    steps = [CountVectorizer(), LogisticRegression()]
    pipeline = (make_pipeline(make_pipeline(*steps)) if is_nested else make_pipeline(*steps)).fit(
        ["one", "two"], ["a", "b"]
    )
    files = export("text-classification", pipeline, TEXT)
    assert tuple(files) == ("model.onnx", "vectorizer.json")
    assert Vectorizer.from_json(files["vectorizer.json"]).vocabulary == ("one", "two")


def test_a_pipeline_of_a_table_does_not_serve_texts() -> None:
    with pytest.raises(ConversionError, match="it gets text; encode the text columns in a step before it"):
        export("text-classification", LogisticRegression().fit([[1.0], [2.0]], ["a", "b"]), TEXT)
