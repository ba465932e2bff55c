"""The proof of parity compares every kind of row, and fails where it must; served predictions are scikit-learn's."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import joblib
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, PowerTransformer

from functions.core.definition import Definition
from functions.core.errors import ParityError
from functions.core.schema import Feature, Schema, Table, row_count
from functions.local.home import Home
from functions.predictors.by_task import open_graph_predictor
from functions.serving.version import LoadedVersion
from model_export.pipelines import parity as parity_module
from model_export.pipelines.convert import export
from model_export.pipelines.parity import prove_parity, relative_difference
from model_export.pipelines.pipeline_input import pipeline_input
from model_export.pipelines.pipeline_module import load_pipeline_module
from model_export.training_files.rows import read_rows

Row = dict[str, Any]
Array = npt.NDArray[np.float64]
MODELS = ("car-price", "churn")
REAL_FILES = {"churn": ("churn/telco_churn.csv", 7043), "car-price": ("cars/car_details_4340.csv", 4340)}


class Original:
    """A fitted pipeline, and the graph that is served."""

    def __init__(self, home: Home, definition: Definition) -> None:
        load_pipeline_module(definition.folder)
        version = LoadedVersion.load(home.registry, definition.name, 1)
        body = home.registry.artifact(version.manifest, "model.joblib")
        self.pipeline = joblib.load(io.BytesIO(body))
        self.predictor = version.predictor
        self.schema: Schema = version.manifest.schema
        self.is_classification = definition.is_classification

    def prove(self, table: Table, predictor: Any = None) -> Any:
        chosen = predictor or self.predictor
        return prove_parity(self.pipeline, chosen, self.schema, table, is_classification=self.is_classification)

    def answers(self, table: Table) -> tuple[list[str] | None, Array]:
        """Labels, and probabilities or values."""
        rows = pipeline_input(self.pipeline, table, self.schema)
        if not self.is_classification:
            return None, self.pipeline.predict(rows)
        return self.pipeline.predict(rows).tolist(), self.pipeline.predict_proba(rows)


class Bent:
    """The predictor with its outputs changed."""

    def __init__(self, predictor: Any, bend: Callable[[list[Any], int], None]) -> None:
        self._predictor = predictor
        self._bend = bend

    def run(self, table: Table) -> list[Any]:
        outputs = [output.copy() for output in self._predictor.run(table)]
        self._bend(outputs, row_count(table))
        return outputs


@pytest.fixture(scope="module")
def originals(trained_home: Home, definitions: Mapping[str, Definition]) -> Mapping[str, Original]:
    return {name: Original(trained_home, definitions[name]) for name in MODELS}


@pytest.fixture
def table(labelled: Callable[[str], list[Row]]) -> Callable[[str], Table]:
    def make(model: str) -> Table:
        rows = labelled(model)[:200]
        return {name: [row[name] for row in rows] for name in rows[0]}

    return make


@pytest.mark.parametrize("model", MODELS)
def test_a_report_names_the_rows_that_were_compared(
    originals: Mapping[str, Original], table: Callable[[str], Table], model: str
) -> None:
    report = originals[model].prove(table(model))
    assert (report.rows, report.different_labels) == (200, 0)
    assert report.edge_rows > 10
    assert report.single_rows >= 16
    assert 0 <= report.max_relative_difference <= report.relative_tolerance == 1e-9


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("place", ["first", "last"])
def test_one_value_that_differs_is_found_wherever_it_is(
    originals: Mapping[str, Original], table: Callable[[str], Table], model: str, place: str
) -> None:
    def bend(outputs: list[Any], rows: int) -> None:
        outputs[-1][0 if place == "first" else -1] *= 1 + 1e-8

    kind = "an evaluation row" if place == "first" else "an edge row"
    with pytest.raises(ParityError, match=kind):
        originals[model].prove(table(model), Bent(originals[model].predictor, bend))


def test_what_is_within_the_tolerance_passes(originals: Mapping[str, Original], table: Callable[[str], Table]) -> None:
    def bend(outputs: list[Any], rows: int) -> None:
        outputs[-1] *= 1 + 1e-10

    assert originals["car-price"].prove(
        table("car-price"), Bent(originals["car-price"].predictor, bend)
    ).max_relative_difference == pytest.approx(1e-10, rel=0.1)


def test_another_label_is_found_though_the_probabilities_agree(
    originals: Mapping[str, Original], table: Callable[[str], Table]
) -> None:
    def bend(outputs: list[Any], rows: int) -> None:
        outputs[0][rows // 2] = 1 - outputs[0][rows // 2]

    with pytest.raises(ParityError, match="another label on 1 of"):
        originals["churn"].prove(table("churn"), Bent(originals["churn"].predictor, bend))


def test_a_prediction_that_depends_on_its_batch_is_found(
    originals: Mapping[str, Original], table: Callable[[str], Table]
) -> None:
    def bend(outputs: list[Any], rows: int) -> None:
        if rows == 1:
            outputs[-1] *= 1.001

    with pytest.raises(ParityError, match="alone"):
        originals["car-price"].prove(table("car-price"), Bent(originals["car-price"].predictor, bend))


def test_a_nan_is_a_difference(originals: Mapping[str, Original], table: Callable[[str], Table]) -> None:
    def bend(outputs: list[Any], rows: int) -> None:
        outputs[-1][0] = np.nan

    with pytest.raises(ParityError, match="by inf on row 0"):
        originals["car-price"].prove(table("car-price"), Bent(originals["car-price"].predictor, bend))


def test_the_graph_of_another_fit_is_refused(
    originals: Mapping[str, Original], table: Callable[[str], Table], trained_home: Home
) -> None:
    class Other:
        def run(self, rows: Table) -> list[Any]:
            return [output + 1 for output in originals["car-price"].predictor.run(rows)]

    with pytest.raises(ParityError, match=r"differ on \d+ of \d+ rows"):
        originals["car-price"].prove(table("car-price"), Other())


def test_no_more_rows_are_compared_than_the_limit(
    originals: Mapping[str, Original], table: Callable[[str], Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parity_module, "MAX_EVALUATION_ROWS", 30)
    assert originals["churn"].prove(table("churn")).rows == 30


@pytest.mark.parametrize(
    ("found", "expected", "difference"),
    [
        (2.0, 2.0, 0.0),
        (1.0 + 1e-9, 1.0, 1e-9),
        (1e-3 + 1e-12, 1e-3, 1e-9),
        (1e-12, 0.0, 1e-9),
        (np.inf, np.inf, 0.0),
        (np.inf, 1.0, np.inf),
        (np.nan, 1.0, np.inf),
        (1.0, np.nan, np.inf),
        (-np.inf, np.inf, np.inf),
    ],
)
def test_differences_are_relative_and_absolute_for_small_values(
    found: float, expected: float, difference: float
) -> None:
    (result,) = relative_difference(np.array([found]), np.array([expected])).tolist()
    assert result == pytest.approx(difference, rel=1e-3)


def assert_served_as(original: Original, client: httpx.Client, model: str, table: Table, size: int) -> None:
    """Every row through HTTP, in batches, against scikit-learn: labels equal, numbers to 1e-9."""
    names = original.schema.feature_names
    rows = [dict(zip(names, row, strict=True)) for row in zip(*(table[name] for name in names), strict=True)]
    served: list[Any] = []
    for start in range(0, len(rows), size):
        answer = client.post(f"/models/{model}/predict", json=rows[start : start + size])
        assert answer.status_code == 200, answer.text
        served += answer.json()["data"]["predictions"]
    labels, expected = original.answers(table)
    assert len(served) == len(expected) == len(rows)
    if labels is not None:
        assert [one["label"] for one in served] == labels
        served = [list(one["scores"].values()) for one in served]
    assert relative_difference(np.array(served), expected).max() <= 1e-9


@pytest.mark.parametrize("model", MODELS)
def test_the_sample_is_served_as_scikit_learn_predicts_it(
    originals: Mapping[str, Original], reading: httpx.Client, definitions: Mapping[str, Definition], model: str
) -> None:
    sample = definitions[model].folder / "sample.csv"
    table = read_rows(sample.read_bytes(), sample.name, definitions[model]).table
    assert_served_as(originals[model], reading, model, table, 500)


@pytest.mark.parametrize("model", MODELS)
def test_the_public_table_is_served_as_scikit_learn_predicts_it(
    originals: Mapping[str, Original],
    reading: httpx.Client,
    definitions: Mapping[str, Definition],
    real_data: Path,
    model: str,
) -> None:
    name, rows = REAL_FILES[model]
    path = real_data / name
    with path.open(encoding="utf-8", newline="") as file:
        assert sum(1 for _ in csv.reader(file)) == rows + 1
    table = read_rows(path.read_bytes(), path.name, definitions[model]).table
    assert row_count(table) == rows
    assert_served_as(originals[model], reading, model, table, 1000)


def test_a_pipeline_that_fails_on_rows_that_may_be_sent_is_refused() -> None:
    schema = Schema((Feature("town", "string"),), Feature("left", "string", allowed=("no", "yes")))
    rows: Table = {"town": ["Cork", "Lyon"] * 5, "left": ["no", "yes"] * 5}
    pipeline = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(
        pd.DataFrame({"town": rows["town"]}), rows["left"]
    )
    unused: Any = None
    with pytest.raises(
        ParityError,
        match=r'fails on rows .* such as an edge row: the first row with {"town": "ñandú"}: .*unknown categories',
    ):
        prove_parity(pipeline, unused, schema, rows, is_classification=True)


def test_a_pipeline_in_float32_is_judged_by_its_last_bits_and_no_more() -> None:
    xgboost = pytest.importorskip("xgboost", reason="SKIPPED: needs xgboost-cpu, which this environment lacks")
    table = {"rooms": [row / 7 for row in range(80)], "price": [float(row % 9) for row in range(80)]}
    schema = Schema((Feature("rooms", "number"),), Feature("price", "number")).learn(table)
    model = xgboost.XGBRegressor(objective="count:poisson", n_estimators=20, n_jobs=1)
    model.fit(pd.DataFrame({"rooms": table["rooms"]}), table["price"])
    predictor = open_graph_predictor("tabular-regression", export("tabular-regression", model, schema), schema, ())
    report = prove_parity(model, predictor, schema, table, is_classification=False)
    assert (report.arithmetic, report.relative_tolerance) == ("float32", 2**-21)
    assert report.max_relative_difference <= 2**-22

    class Coarser:
        def run(self, rows: Table) -> list[Any]:
            return [predictor.run(rows)[0] * (1 + 2**-20)]

    with pytest.raises(ParityError, match=r"by more than 4\.76837e-07 relative"):
        prove_parity(model, Coarser(), schema, table, is_classification=False)  # type: ignore[arg-type]


def test_an_error_of_a_boosters_own_class_is_told_as_one_of_the_pipeline() -> None:
    catboost = pytest.importorskip("catboost", reason="SKIPPED: needs catboost, which this environment lacks")
    table = {"rooms": [float(row % 5) for row in range(40)], "price": [float(row % 9) for row in range(40)]}
    schema = Schema((Feature("rooms", "number"),), Feature("price", "number")).learn(table)
    fitted, other = (
        catboost.CatBoostRegressor(iterations=3, verbose=0, allow_writing_files=False).fit(
            pd.DataFrame({name: table["rooms"]}), table["price"]
        )
        for name in ("rooms", "floors")
    )
    predictor = open_graph_predictor("tabular-regression", export("tabular-regression", fitted, schema), schema, ())
    with pytest.raises(ParityError, match="the pipeline itself fails on rows that the schema allows"):
        prove_parity(other, predictor, schema, table, is_classification=False)


class Rounded:
    """The pipeline's answers in single precision."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline

    def run(self, table: Table) -> list[Any]:
        return [self._pipeline.predict(pd.DataFrame(dict(table))) * (1 + 1e-7)]


class OneBitHigher:
    """The pipeline itself, its last step asked for numbers one bit higher: a logarithm of another library."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline

    def run(self, table: Table) -> list[Any]:
        numbers = self._pipeline[:-1].transform(pd.DataFrame(dict(table)))
        return [self._pipeline[-1].predict(np.nextafter(numbers, np.inf))]


def test_a_difference_that_the_last_bit_before_a_threshold_makes_is_refused_with_its_cause() -> None:
    spent = np.random.default_rng(0).lognormal(2, 0.8, 600)
    rows: Table = {"spent": spent.tolist()}
    pipeline = make_pipeline(PowerTransformer(), HistGradientBoostingRegressor(max_iter=5))
    pipeline.fit(pd.DataFrame(dict(rows)), np.log(spent))
    schema = Schema((Feature("spent", "number", observed=(0.0, 100.0)),), Feature("paid", "number"))
    served: Any = OneBitHigher(pipeline)
    with pytest.raises(ParityError, match=r"differ on .*threshold of the HistGradientBoostingRegressor.*leave it out"):
        prove_parity(pipeline, served, schema, rows, is_classification=False)


def test_a_difference_that_single_precision_makes_is_refused_with_its_cause() -> None:
    rows: Table = {"plan": ["basic", "plus", "pro"] * 20}
    encoder = OrdinalEncoder(dtype=np.float32, handle_unknown="use_encoded_value", unknown_value=-1)
    weighted = ColumnTransformer([("codes", encoder, ["plan"])], transformer_weights={"codes": 0.1})
    pipeline = make_pipeline(weighted, DummyRegressor()).fit(pd.DataFrame(dict(rows)), np.arange(60.0))
    schema = Schema((Feature("plan", "string"),), Feature("paid", "number"))
    served: Any = Rounded(pipeline)
    with pytest.raises(ParityError, match=r"differ on .*columntransformer__codes__dtype=np.float32.*set np.float64"):
        prove_parity(pipeline, served, schema, rows, is_classification=False)
