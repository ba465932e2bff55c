"""One way to compare a pipeline with its graph: all rows, one row at a time, and in another order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import onnxruntime
import pandas as pd
import pytest

from functions.core.schema import Feature, FeatureType, Schema
from model_export.pipelines import answers
from model_export.pipelines.convert import convert
from model_export.pipelines.pipeline_module import load_pipeline_module

PROJECT = Path(__file__).resolve().parents[4]


def schema_of(table: pd.DataFrame) -> Schema:
    """Columns of objects are strings, those of datetime64 datetimes, all others numbers."""
    kinds: dict[str, FeatureType] = {"O": "string", "M": "datetime"}
    features = tuple(Feature(str(name), kinds.get(table[name].dtype.kind, "number"), nullable=True) for name in table)
    return Schema(features, Feature("target", "number"))


def session_of(graph: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def feed_of(table: pd.DataFrame, schema: Schema) -> dict[str, Any]:
    """The packed tensors: missing strings are empty, missing numbers NaN."""
    feed = {}
    if schema.string_names:
        strings = table[list(schema.string_names)].to_numpy(dtype=object)
        feed["strings"] = np.where(pd.isna(strings), "", strings)
    if schema.number_names:
        feed["numbers"] = table[list(schema.number_names)].to_numpy(dtype=np.float64)
    if schema.datetime_names:
        feed["datetimes"] = table[list(schema.datetime_names)].to_numpy(dtype="datetime64[us]").astype(np.int64)
    return feed


def run_graph(graph: bytes, table: pd.DataFrame, schema: Schema) -> list[Any]:
    return list(session_of(graph).run(None, feed_of(table, schema)))


def instances_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Dictionaries that leave out what is missing."""
    rows = (zip(table.columns, row, strict=True) for row in table.itertuples(index=False))
    return [{name: value for name, value in row if value is not None and value == value} for row in rows]


def expected_of(pipeline: Any, instances: Any) -> list[Any]:
    if hasattr(pipeline, "classes_"):
        labels = np.searchsorted(pipeline.classes_, pipeline.predict(instances))
        return [labels, answers.scores(pipeline, instances)]
    return [np.ravel(pipeline.predict(instances))]


def assert_close(actual: list[Any], expected: list[Any]) -> None:
    if len(expected) == 2:
        np.testing.assert_array_equal(actual[0], expected[0])
    np.testing.assert_allclose(actual[-1], expected[-1], rtol=1e-9, atol=1e-13, equal_nan=True)
    assert [one.dtype for one in actual] == [np.dtype(np.int64), np.dtype(np.float64)][-len(actual) :]


def assert_parity(pipeline: Any, table: pd.DataFrame, *, schema: Schema | None = None, dicts: bool = False) -> None:
    """The graph equals the fitted pipeline on `table`, in every order and batch."""
    schema = schema or schema_of(table)
    session = session_of(convert(pipeline, schema))
    expected = expected_of(pipeline, instances_of(table) if dicts else table)
    together = session.run(None, feed_of(table, schema))
    assert_close(together, expected)
    order = np.random.default_rng(1).permutation(len(table))
    permuted = session.run(None, feed_of(table.iloc[order], schema))
    singles = [session.run(None, feed_of(table.iloc[[row]], schema)) for row in range(min(len(table), 40))]
    for whole, part, *alone in zip(together, permuted, *singles, strict=True):
        # Vectorized functions may round the last bit differently at another place in the batch.
        np.testing.assert_allclose(part, whole[order], rtol=1e-12, atol=1e-14, equal_nan=True)
        np.testing.assert_allclose(np.concatenate(alone), whole[: len(alone)], rtol=1e-12, atol=1e-14)


def text(values: list[str | None]) -> pd.Series[Any]:
    """A column of objects: pandas would infer `str`, where None becomes NaN."""
    return pd.Series(values, dtype=object)


def make_table(rows: int = 200, *, seed: int = 0, unseen: bool = False, missing: bool = True) -> pd.DataFrame:
    """Strings with accents and None, numbers with NaN; `unseen` adds values that training lacks."""
    rng = np.random.default_rng(seed)
    cities = ["Málaga", "São Paulo", "Zürich", "東京", "Lyon", "a=b"] + (["Ñuñoa", "lyon", " "] if unseen else [])
    plans = ["basic", "plus", "Lyon"] + (["PLUS"] if unseen else [])
    table = pd.DataFrame(
        {
            "city": text(rng.choice(cities, rows).tolist()),
            "age": rng.integers(18, 90, rows).astype(float),
            "plan": text(rng.choice(plans, rows).tolist()),
            "income": rng.lognormal(10, 1, rows),
            "visits": rng.integers(0, 4, rows).astype(float),
        }
    )
    if missing:
        for name in table:
            lost = rng.random(rows) < 0.1
            table[name] = table[name].mask(lost, None if table[name].dtype == object else np.nan)
    return table


def make_target(table: pd.DataFrame, *, seed: int = 0, classes: int = 0) -> Any:
    rng = np.random.default_rng(seed + 100)
    score = (
        table["age"].fillna(50) / 30
        + np.log(table["income"].fillna(1e4))
        + table["city"].map(lambda value: len(value or "")).astype(float)
        + rng.normal(0, 0.5, len(table))
    )
    return score.to_numpy() if not classes else pd.qcut(score, classes, labels=False).to_numpy()


@pytest.fixture
def parity() -> Callable[..., None]:
    return assert_parity


@pytest.fixture
def table() -> Callable[..., pd.DataFrame]:
    return make_table


@pytest.fixture
def target() -> Callable[..., Any]:
    return make_target


@pytest.fixture
def schema() -> Callable[[pd.DataFrame], Schema]:
    return schema_of


@pytest.fixture
def instances() -> Callable[[pd.DataFrame], list[dict[str, Any]]]:
    return instances_of


@pytest.fixture
def run() -> Callable[[bytes, pd.DataFrame, Schema], list[Any]]:
    return run_graph


@pytest.fixture
def load_pipeline() -> Callable[[str], ModuleType]:
    """models/<model>/pipeline.py under the name by which its classes are pickled."""
    return lambda model: load_pipeline_module(PROJECT / "models" / model)
