"""Tables packed for a graph, and predictions named after its labels."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import TensorProto, helper
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from functions.core.errors import DamagedVersionError, InvalidInputError
from functions.core.local_storage import LocalStorage
from functions.core.registry import Registry
from functions.core.schema import Feature, Schema, Table
from functions.predictors import row_parts
from functions.predictors.by_task import open_graph_predictor
from functions.predictors.session import open_session
from functions.predictors.tabular import TabularPredictor
from functions.serving.version import LoadedVersion
from model_export.pipelines.convert import export

NUMBERS = Schema((Feature("a", "number"), Feature("b", "number", nullable=True)), Feature("y", "number"))
MIXED = Schema(
    (Feature("x", "string"), Feature("a", "integer"), Feature("z", "string", nullable=True)), Feature("y", "string")
)


def _graph(nodes: list[Any], inputs: dict[str, int], outputs: dict[str, tuple[int, list[Any]]]) -> bytes:
    graph = helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info(name, kind, [None, None]) for name, kind in inputs.items()],
        [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in outputs.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


@pytest.fixture
def sums() -> TabularPredictor:
    """A predictor of the sum of a row's numbers."""
    nodes = [helper.make_node("ReduceSum", ["numbers", "axis"], ["variable"], keepdims=0)]
    graph = onnx.load_from_string(
        _graph(
            [helper.make_node("Constant", [], ["axis"], value_ints=[1]), *nodes],
            {"numbers": TensorProto.DOUBLE},
            {"variable": (TensorProto.DOUBLE, [None])},
        )
    )
    return TabularPredictor(bytes(graph.SerializeToString()), NUMBERS)


def test_numbers_are_packed_in_schema_order_and_answers_keep_the_row_order(sums: TabularPredictor) -> None:
    assert sums.predict({"b": [10.0, 20.0, 30.0], "a": [1, 2, 3]}) == [11.0, 22.0, 33.0]


def test_rows_without_a_finite_prediction_are_named(sums: TabularPredictor) -> None:
    with pytest.raises(InvalidInputError) as caught:
        sums.predict({"a": [1.0, 2.0, 3.0], "b": [None, 1.0, float("inf")]})
    assert [fault.loc for fault in caught.value.faults] == [(0,), (2,)]


def test_strings_are_packed_with_missing_as_empty() -> None:
    identity = _graph(
        [
            helper.make_node("Identity", ["strings"], ["label"]),
            helper.make_node("Identity", ["numbers"], ["probabilities"]),
        ],
        {"strings": TensorProto.STRING, "numbers": TensorProto.DOUBLE},
        {"label": (TensorProto.STRING, [None, None]), "probabilities": (TensorProto.DOUBLE, [None, None])},
    )
    predictor = TabularPredictor(identity, MIXED, ["no", "yes"])
    strings, numbers = predictor.run({"x": ["ñ", "b"], "a": [1, 2], "z": [None, "日本"]})
    assert strings.tolist() == [["ñ", ""], ["b", "日本"]]
    assert numbers.tolist() == [[1.0], [2.0]]
    assert numbers.dtype == np.float64


def test_datetimes_are_packed_as_microseconds_with_missing_as_nat() -> None:
    schema = Schema((Feature("a", "datetime"), Feature("b", "datetime", nullable=True)), Feature("y", "number"))
    identity = _graph(
        [helper.make_node("Identity", ["datetimes"], ["variable"])],
        {"datetimes": TensorProto.INT64},
        {"variable": (TensorProto.INT64, [None, None])},
    )
    moments: Table = {"b": [None, datetime.max], "a": [datetime(1970, 1, 1, 0, 0, 0, 1), datetime.min]}
    (found,) = TabularPredictor(identity, schema).run(moments)
    assert found.tolist() == [[1, np.iinfo(np.int64).min], [-62_135_596_800_000_000, 253_402_300_799_999_999]]


def test_a_classification_names_the_label_its_score_and_all_scores(publish: Callable[..., Any], tmp_path: Path) -> None:
    registry = Registry(LocalStorage(tmp_path))
    manifest = publish(registry, leave=0.75)
    version = LoadedVersion.load(registry, "churn", manifest.version)
    found = version.predict(version.validate([dict(manifest.example)])).predictions
    assert list(found) == [{"label": "yes", "score": 0.75, "scores": {"no": 0.25, "yes": 0.75}}]


def test_bytes_that_are_no_graph_are_damage() -> None:
    with pytest.raises(DamagedVersionError, match="cannot be run by ONNX Runtime"):
        open_session(b"no graph")


def _runs_of(predictor: TabularPredictor, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rows of each run of the session since."""
    rows: list[int] = []
    session = predictor._session

    class Noted:
        def run(self, outputs: Any, inputs: dict[str, Any]) -> Any:
            rows.extend({len(one) for one in inputs.values()})
            return session.run(outputs, inputs)

    monkeypatch.setattr(predictor, "_session", Noted())
    return rows


LEVELS = [f"z{number}" for number in range(60)]
WIDE: dict[str, Any] = {"zone": LEVELS * 2, "a": [float(number % 7) for number in range(120)]}
WIDE_STEPS = {
    "levels": ("string", OneHotEncoder(handle_unknown="ignore"), ["zone"]),
    "texts": ("string", CountVectorizer(), "zone"),
    "numbers": ("number", OneHotEncoder(handle_unknown="ignore"), ["zone"]),
}


def _wide(kind: str) -> tuple[TabularPredictor, Table]:
    """A model of 61 columns for a row, and 120 rows."""
    feature, step, columns = WIDE_STEPS[kind]
    table = {**WIDE, "zone": [float(one[1:]) for one in WIDE["zone"]]} if feature == "number" else dict(WIDE)
    steps = ColumnTransformer([("zone", step, columns), ("a", StandardScaler(), ["a"])])
    pipeline = make_pipeline(steps, Ridge()).fit(pd.DataFrame(table), np.arange(120.0))
    zone = Feature("zone", "number") if feature == "number" else Feature("zone", "string", categorical=kind == "levels")
    schema = Schema((zone, Feature("a", "number")), Feature("y", "number"))
    predictor = open_graph_predictor("tabular-regression", export("tabular-regression", pipeline, schema), schema, ())
    assert isinstance(predictor, TabularPredictor)
    return predictor, table


@pytest.mark.parametrize("kind", WIDE_STEPS)
def test_a_table_of_many_levels_is_run_in_parts_of_bounded_cells_with_the_same_outputs(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, table = _wide(kind)
    runs = _runs_of(whole, monkeypatch)
    (expected,) = whole.run(table)
    assert runs == [120]
    monkeypatch.setattr(row_parts, "CELLS_AT_ONCE", 61 * 50)
    predictor, _ = _wide(kind)
    runs = _runs_of(predictor, monkeypatch)
    (found,) = predictor.run(table)
    assert runs == [50, 50, 20]
    np.testing.assert_array_equal(found, expected)
    predictor.run({name: column[:50] for name, column in table.items()})
    assert runs == [50, 50, 20, 50]
