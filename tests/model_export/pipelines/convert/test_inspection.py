"""Steps have their names, and one without an exact form is refused by name."""

from __future__ import annotations

import io
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.decomposition import NMF
from sklearn.ensemble import StackingRegressor, VotingRegressor
from sklearn.feature_selection import SelectFromModel
from sklearn.frozen import FrozenEstimator
from sklearn.isotonic import IsotonicRegression
from sklearn.kernel_approximation import RBFSampler
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import RadiusNeighborsRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert
from model_export.pipelines.convert.inspection import columns_counted, first_step, flat_steps, walk

NUMBERS = ["income", "age", "visits"]


def test_steps_have_the_names_that_scikit_learn_gives_them(table: Any, target: Any) -> None:
    train = table(missing=False)
    columns = ColumnTransformer([("unused", "drop", ["city"]), ("scale", StandardScaler(), NUMBERS)])
    model = TransformedTargetRegressor(LinearRegression())
    pipeline = Pipeline([("columns", columns), ("none", "passthrough"), ("model", model)]).fit(train, target(train))
    names = [name for name, _ in walk(pipeline)]
    assert names == ["", "columns", "columns__scale", "model", "model__regressor"]
    assert set(names) - {""} <= pipeline.get_params().keys() | {"model__regressor"}


@pytest.mark.parametrize(
    ("steps", "named"),
    [
        ([("model", RadiusNeighborsRegressor())], "step 'model' (RadiusNeighborsRegressor)"),
        ([("parts", NMF(2)), ("model", LinearRegression())], "step 'parts' (NMF)"),
        (
            [("columns", ColumnTransformer([("kernel", RBFSampler(), ["age"])])), ("model", LinearRegression())],
            "step 'columns__kernel' (RBFSampler)",
        ),
    ],
)
def test_a_step_without_exact_converter_is_named_with_what_to_do(
    table: Any, target: Any, schema: Any, steps: Any, named: str
) -> None:
    train = table(missing=False)[NUMBERS]
    pipeline = Pipeline(steps).fit(train, target(table(missing=False)))
    with pytest.raises(ConversionError) as refusal:
        convert(pipeline, schema(train))
    text = str(refusal.value)
    assert text.startswith(f"{named} cannot become ONNX: it has no exact converter; use a step of the list in docs/")
    assert "to_onnx(graph, x)" in text


def test_a_subclass_is_not_taken_for_its_parent(table: Any, target: Any, schema: Any) -> None:
    class Doubling(LinearRegression):  # type: ignore[misc]
        def predict(self, X: Any) -> Any:
            return 2 * super().predict(X)

    train = table(missing=False)[NUMBERS]
    with pytest.raises(ConversionError, match="the Doubling cannot become ONNX"):
        convert(Doubling().fit(train, target(table(missing=False))), schema(train))


def test_columns_are_counted_also_where_a_step_has_no_count() -> None:
    rows = np.arange(6.0).reshape(3, 2)
    assert columns_counted(StandardScaler().fit(rows)) == 2
    assert columns_counted(IsotonicRegression().fit(rows[:, 0], [1, 2, 3])) == 1
    assert columns_counted(FunctionTransformer()) is None


@pytest.mark.parametrize("name", ["model", "votes", "stack", "selection"])
def test_the_columns_of_a_saved_catboost_are_counted_inside_of_others_too(name: str) -> None:
    catboost = pytest.importorskip("catboost", reason="SKIPPED: needs catboost, which this environment lacks")
    rows = np.random.default_rng(0).normal(size=(30, 2))
    model = catboost.CatBoostRegressor(iterations=2, verbose=0, thread_count=1, allow_writing_files=False)
    members = [("first", model), ("second", LinearRegression())]
    around = {
        "model": model,
        "votes": VotingRegressor(members),
        "stack": StackingRegressor(members, cv=2),
        "selection": SelectFromModel(model),
    }
    saved = io.BytesIO()
    joblib.dump(around[name].fit(rows, rows[:, 0]), saved)
    assert columns_counted(joblib.load(saved)) == 2


def test_steps_are_those_of_inner_pipelines_too_and_none_that_does_nothing() -> None:
    scaler, model = StandardScaler(), LinearRegression()
    idle = make_pipeline("passthrough", FunctionTransformer())
    pipeline = make_pipeline(idle, make_pipeline(FrozenEstimator(scaler)), make_pipeline(make_pipeline(model)))
    assert flat_steps(pipeline) == [scaler, model]
    assert first_step(pipeline) is scaler
    assert (flat_steps(idle), first_step(idle)) == ([], idle)
