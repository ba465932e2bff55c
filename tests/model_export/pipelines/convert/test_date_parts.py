"""The calendar of the graph: Python's own in every year, equal to DateParts to the last bit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from onnx import TensorProto
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor, StackingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from functions.core.errors import ConversionError
from functions.core.schema import Feature, Schema
from model_export.pipelines.convert import convert
from model_export.pipelines.convert.date_parts import date_parts
from model_export.pipelines.convert.graph import Graph, Tensor
from model_export.transformers.dates import CYCLES, ELAPSED, MISSING, PARTS, DateParts
from tests.generated import examples
from tests.model_export.pipelines.convert.small_graph import evaluate

EVERY = [*PARTS, ELAPSED, *CYCLES]
ORDINAL = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
DAYS = (datetime.max - datetime.min).days + 1


def microseconds(moments: list[datetime | None]) -> npt.NDArray[np.int64]:
    return np.array(moments, dtype="datetime64[us]").astype(np.int64)


def graph_of(step: DateParts, moments: npt.NDArray[np.int64]) -> Any:
    """The parts by the graph alone, without a pipeline around it; `moments` [N, columns]."""

    def build(graph: Graph, name: str) -> tuple[str, ...]:
        return date_parts(graph, step, [Tensor(name, is_string=False, width=moments.shape[1], is_datetime=True)])

    return evaluate(build, moments)[0]


def fitted(parts: list[str], columns: int = 1, since: str | None = "2000-01-01") -> DateParts:
    frame = pd.DataFrame({f"c{place}": pd.to_datetime(["2024-01-01"]) for place in range(columns)})
    return DateParts(parts, since=since).fit(frame)


def parts_of(moment: datetime) -> list[int]:
    """The parts in the order of PARTS, by the standard library."""
    day = moment.timetuple()
    quarter = (moment.month - 1) // 3 + 1
    date = [moment.year, quarter, moment.month, moment.day, day.tm_yday, moment.weekday()]
    return [*date, moment.hour, moment.minute, moment.second]


def test_every_year_has_the_parts_that_python_gives_it() -> None:
    days = [datetime.min + timedelta(days=day) for day in range(0, DAYS, 97)]
    edges = [datetime(year, month, 1) for year in range(1, 10_000) for month in (1, 3)]  # after leap days too
    before = [edge - timedelta(microseconds=1) for edge in edges[1:]]
    moments = [*days, *edges, *before, datetime.max]
    found = graph_of(fitted(list(PARTS)), microseconds(list(moments))[:, np.newaxis])
    np.testing.assert_array_equal(found, [parts_of(moment) for moment in moments])


@examples(40)
@given(st.lists(st.datetimes(), min_size=1, max_size=100))
@example([datetime.min, datetime.max])
@example([datetime(1969, 12, 31, 23, 59, 59, 999_999), datetime(1970, 1, 1), datetime(1970, 1, 1, 0, 0, 0, 1)])
@example([datetime(1900, 2, 28, 23, 59, 59), datetime(1900, 3, 1), datetime(2000, 2, 29), datetime(2100, 3, 1)])
def test_any_moment_has_the_parts_that_python_gives_it(moments: list[datetime]) -> None:
    found = graph_of(fitted(list(PARTS)), microseconds(list(moments))[:, np.newaxis])
    np.testing.assert_array_equal(found, [parts_of(moment) for moment in moments])


@examples(40)
@given(
    st.lists(st.tuples(st.none() | st.datetimes(), st.none() | st.datetimes()), min_size=1, max_size=50),
    st.lists(st.sampled_from(EVERY), min_size=1, max_size=5, unique=True),
    st.datetimes().map(datetime.isoformat),
)
def test_the_graph_equals_the_transformer_to_the_last_bit(
    rows: list[tuple[datetime | None, datetime | None]], parts: list[str], since: str
) -> None:
    step = fitted(parts, columns=2, since=since)
    moments = np.column_stack([microseconds(list(column)) for column in zip(*rows, strict=True)])
    frame = pd.DataFrame(moments.view("datetime64[us]"), columns=["c0", "c1"])
    np.testing.assert_array_equal(graph_of(step, moments), step.transform(frame))


def test_every_part_of_a_missing_date_is_missing() -> None:
    found = graph_of(fitted(EVERY), np.array([[MISSING], [0]]))
    assert np.isnan(found[0]).all()
    assert not np.isnan(found[1]).any()


def moments_of(rows: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    sold = random.integers(0, 2_000_000_000_000_000, rows).astype("datetime64[us]")
    built = random.integers(-3_000_000_000_000_000, 0, rows).astype("datetime64[us]")
    frame = pd.DataFrame({"sold": sold, "price": random.normal(size=rows), "built": built})
    frame.loc[random.random(rows) < 0.1, "built"] = None
    return frame


PARTS_BETWEEN: dict[str, Any] = {
    "in a ColumnTransformer": ColumnTransformer(
        [
            ("dates", make_pipeline(DateParts(EVERY), SimpleImputer()), ["built", "sold"]),
            ("rest", "passthrough", ["price"]),
        ]
    ),
    "with the rest passed through": ColumnTransformer(
        [("dates", make_pipeline(DateParts(), SimpleImputer(add_indicator=True)), ["sold", "built"])],
        remainder="passthrough",
    ),
    "twice": ColumnTransformer(
        [
            ("year", DateParts(["year"]), ["sold"]),
            ("others", FeatureUnion([("day", DateParts(["day"])), ("hour", DateParts(["hour_cycle"]))]), ["sold"]),
            ("built", "drop", ["built"]),
        ]
    ),
    "encoded": ColumnTransformer(
        [("days", make_pipeline(DateParts(["weekday", "month"]), OneHotEncoder(handle_unknown="ignore")), ["sold"])]
    ),
}


@pytest.mark.parametrize("columns", PARTS_BETWEEN.values(), ids=PARTS_BETWEEN.keys())
@pytest.mark.parametrize("model", [LinearRegression(), RandomForestRegressor(5, random_state=0)])
def test_a_pipeline_with_dates_converts(parity: Callable[..., None], columns: Any, model: Any) -> None:
    train = moments_of(120, 0)
    pipeline = Pipeline([("columns", columns), ("model", model)]).fit(train, train["sold"].dt.hour + train["price"])
    parity(pipeline, moments_of(60, 1))


def test_trees_take_missing_parts(parity: Callable[..., None]) -> None:
    train = moments_of(300, 0)
    columns = ColumnTransformer([("dates", DateParts(), ["sold", "built"])], remainder="passthrough")
    model = HistGradientBoostingRegressor(max_iter=5, early_stopping=False)
    parity(Pipeline([("columns", columns), ("model", model)]).fit(train, train["price"]), moments_of(60, 1))


def test_dates_alone_may_be_the_first_step(parity: Callable[..., None]) -> None:
    train = moments_of(100, 0)[["sold"]]
    pipeline = make_pipeline(DateParts(), LinearRegression()).fit(train, train["sold"].dt.hour)
    parity(pipeline, moments_of(40, 1)[["sold"]])


class Epoch(TransformerMixin, BaseEstimator):
    """Seconds since 1970: a transformer of a user's, which converts itself from the microseconds of the graph."""

    def fit(self, X: Any, y: Any = None) -> Epoch:
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: Any) -> Any:
        return X.to_numpy(dtype="datetime64[us]").astype(np.int64).astype(np.float64) / 1e6

    def to_onnx(self, graph: Graph, x: str) -> str:
        return graph.op("Div", graph.op("Cast", x, to=TensorProto.DOUBLE), graph.constant(np.array(1e6)))


def test_a_transformer_of_ones_own_may_read_dates(parity: Callable[..., None]) -> None:
    train = moments_of(50, 0)[["sold"]]
    pipeline = make_pipeline(Epoch(), StandardScaler(), LinearRegression()).fit(train, train["sold"].dt.year)
    parity(pipeline, moments_of(40, 1)[["sold"]])


@pytest.mark.parametrize("step", [OneHotEncoder(handle_unknown="ignore"), ORDINAL])
def test_dates_that_reach_another_step_are_refused_with_the_step_that_helps(step: Any) -> None:
    train = moments_of(50, 0)[["sold", "price"]]
    columns = ColumnTransformer([("codes", step, ["sold"])])
    pipeline = Pipeline([("columns", columns), ("model", LinearRegression())]).fit(train, train["price"])
    schema = Schema((Feature("sold", "datetime"), Feature("price", "number")), Feature("y", "number"))
    with pytest.raises(ConversionError, match=r"'columns__codes'.* gets dates and times; put .*DateParts before it"):
        convert(pipeline, schema)


def test_a_stack_hands_no_dates_to_its_final_estimator() -> None:
    train = moments_of(50, 0)[["sold"]]
    members = [("dates", make_pipeline(DateParts(), LinearRegression()))]
    stack = StackingRegressor(members, LinearRegression(), cv=2).fit(train, train["sold"].dt.hour)
    schema = Schema((Feature("sold", "datetime"),), Feature("y", "number"))
    convert(stack, schema)
    with pytest.raises(ConversionError, match="it passes datetimes on to its final estimator"):
        convert(stack.set_params(passthrough=True), schema)


def test_parts_that_are_not_fitted_are_refused() -> None:
    train = moments_of(50, 0)[["sold"]]
    model = LinearRegression().fit(DateParts().fit_transform(train), train["sold"].dt.hour)
    with pytest.raises(ConversionError, match=r"'dateparts' \(DateParts\) cannot become ONNX: it is not fitted"):
        convert(make_pipeline(DateParts(), model), Schema((Feature("sold", "datetime"),), Feature("y", "number")))


def test_columns_that_are_no_dates_in_the_schema_are_refused() -> None:
    train = moments_of(50, 0)[["sold"]]
    pipeline = make_pipeline(DateParts(), LinearRegression()).fit(train, train["sold"].dt.hour)
    with pytest.raises(ConversionError, match=r"'dateparts' \(DateParts\).*give them the type datetime in model.toml"):
        convert(pipeline, Schema((Feature("sold", "number"),), Feature("y", "number")))
