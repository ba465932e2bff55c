"""Rows, targets and predictions for the tests of estimators of several targets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from functions.core.schema import Feature, Schema
from functions.core.tasks import Task
from functions.predictors.by_task import GraphPredictor, open_graph_predictor
from model_export.pipelines.candidate import labels_of
from model_export.pipelines.convert import export
from model_export.pipelines.convert.targets import target_classes, target_count

ROWS = 90
NAMES = ("a", "b", "c", "d")
FEATURES = tuple(Feature(name, "number") for name in NAMES)
TARGET_NAMES = ("precio €", "a.b", "日本", "d'é", "x y", "Ñ", "0")


def rows(seed: int = 0, count: int = ROWS) -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(seed).normal(size=(count, len(NAMES))), columns=list(NAMES))


def numbers(targets: int) -> Any:
    rng = np.random.default_rng(targets)
    weights = rng.normal(size=(len(NAMES), targets)) * 10.0 ** np.arange(targets)
    return rows().to_numpy() @ weights + rng.normal(size=(ROWS, targets))


def places(targets: int, classes: int) -> Any:
    """Labels from 0, of so many classes in each column, none of which a column lacks."""
    signals = numbers(targets) / 10.0 ** np.arange(targets)
    bounds = np.quantile(signals, np.linspace(0, 1, classes + 1)[1:-1], axis=0)
    return (signals[:, :, np.newaxis] > bounds.T[np.newaxis]).sum(axis=2)


def opened(pipeline: Any, task: Task, targets: int) -> GraphPredictor:
    schema = Schema(FEATURES, tuple(Feature(name, "number") for name in TARGET_NAMES[:targets]))
    if task == "tabular-classification":
        kind = "string" if isinstance(target_classes(pipeline)[0][0], str) else "integer"
        schema = Schema(FEATURES, tuple(Feature(name, kind) for name in TARGET_NAMES[:targets]))
    labels = labels_of(pipeline, schema) if task == "tabular-classification" else ()
    return open_graph_predictor(task, export(task, pipeline, schema), schema, labels)


def asked(predictor: GraphPredictor, frame: pd.DataFrame, targets: int) -> list[list[Any]]:
    """The predictions of each target, row by row."""
    found: list[Any] = predictor.predict({name: frame[name].tolist() for name in NAMES})
    if targets == 1:
        return [found]
    assert all(list(one) == list(TARGET_NAMES[:targets]) for one in found)
    return [[one[name] for one in found] for name in TARGET_NAMES[:targets]]


def hostile() -> pd.DataFrame:
    """Rows that training lacked, and rows far from all of it."""
    return pd.concat([rows(1, 40), rows(2, 5) * 1e3, rows()[:20], pd.DataFrame([[0.0] * 4], columns=list(NAMES))])


def close(found: Any, expected: Any) -> None:
    np.testing.assert_allclose(np.asarray(found, dtype=np.float64), expected, rtol=1e-9, atol=1e-12)


def check_labels(pipeline: Any, targets: int) -> list[list[Any]]:
    """Compare the labels of each target; the predictions of each target for the hostile rows."""
    assert target_count(pipeline) == targets
    frame = hostile()
    predicted = pipeline.predict(frame)
    predicted = np.asarray(predicted.toarray() if hasattr(predicted, "toarray") else predicted)
    found = asked(opened(pipeline, "tabular-classification", targets), frame, targets)
    for column, answers in zip(predicted.reshape(len(frame), targets).T, found, strict=True):
        texts = [label if isinstance(label, str) else str(int(label)) for label in column.tolist()]
        assert [one["label"] for one in answers] == texts
    return found
