"""Objects of a user's files as one pipeline: what is joined, what is named, what is refused and the nearest way."""

from __future__ import annotations

import io
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.mixture import GaussianMixture
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import LabelEncoder, MultiLabelBinarizer, StandardScaler

from functions.core.errors import ConversionError
from model_export.pipelines.assembly import assemble, named_parts

ROWS = np.random.default_rng(0).normal(size=(40, 3))
TARGET = (ROWS[:, 0] > 0).astype(int)


def assembled(found: Any) -> Any:
    return assemble(named_parts(found, "mine"), "mine.joblib")


def kinds(pipeline: Any) -> list[type]:
    return [type(step) for _, step in pipeline.steps]


def regressor(width: int = 3) -> Any:
    return LinearRegression().fit(ROWS[:, :width], ROWS[:, 0])


def classifier() -> Any:
    return LogisticRegression().fit(ROWS, TARGET)


def test_three_things_in_one_file_are_a_pipeline_with_names_for_its_classes() -> None:
    scaler = StandardScaler().fit(ROWS)
    model = LogisticRegression().fit(scaler.transform(ROWS), TARGET)
    names = LabelEncoder().fit(["no", "yes"])
    found = assembled({"model": model, "scaler": scaler, "label_encoder": names})
    assert kinds(found.pipeline) == [StandardScaler, LogisticRegression]
    np.testing.assert_array_equal(found.pipeline.predict(ROWS), model.predict(scaler.transform(ROWS)))
    assert found.label_names == ("no", "yes")
    assert found.alone is model


def test_the_order_of_several_steps_follows_from_their_widths() -> None:
    imputer, reduced = SimpleImputer().fit(ROWS), PCA(2).fit(ROWS)
    model = LinearRegression().fit(reduced.transform(ROWS), ROWS[:, 0])
    for found in ({"pca": reduced, "imputer": imputer, "model": model}, (model, imputer, reduced)):
        assert kinds(assembled(found).pipeline) == [SimpleImputer, PCA, LinearRegression]


def test_steps_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ConversionError, match="no order of them fits"):
        assembled((PCA(2).fit(ROWS), regressor()))


def test_a_copy_of_a_step_is_applied_once() -> None:
    whole = make_pipeline(StandardScaler(), LinearRegression()).fit(ROWS, ROWS[:, 0])
    found = assembled({"pipeline": whole, "scaler": StandardScaler().fit(ROWS)})
    assert found.pipeline is whole
    assert found.notes == ("the StandardScaler beside the pipeline is one of its steps, and is applied once",)
    other = assembled({"pipeline": whole, "scaler": StandardScaler().fit(ROWS * 2)})
    assert kinds(other.pipeline) == [StandardScaler, Pipeline]


def test_a_list_of_names_is_the_order_of_columns_and_the_rest_is_noted() -> None:
    found = assembled({"model": classifier(), "features": ["c", "a", "b"], "threshold": 0.35, "date": "2020"})
    assert found.columns == ("c", "a", "b")
    assert found.notes == ("not used, though it is in mine.joblib: threshold (float), date (str)",)


def test_the_list_of_names_is_that_of_the_step_which_reads_the_columns() -> None:
    reduced = PCA(2).fit(ROWS)
    model = LinearRegression().fit(reduced.transform(ROWS), ROWS[:, 0])
    found = assembled({"pca": reduced, "model": model, "features": ["c", "a", "b"], "parts": ["first", "second"]})
    assert found.columns == ("c", "a", "b")
    assert found.notes[-1] == "not used, though it is in mine.joblib: parts (list)"


def test_no_list_of_names_is_taken_where_the_columns_have_names() -> None:
    frame = pd.DataFrame(ROWS, columns=["a", "b", "c"])
    found = assembled({"scaler": StandardScaler().fit(frame), "model": regressor(), "features": ["c", "a", "b"]})
    assert found.columns == ()
    assert found.notes[-1] == "not used, though it is in mine.joblib: features (list)"


def saved_catboost(rows: Any, target: Any, *, kind: str = "CatBoostClassifier") -> Any:
    """A model that went through a joblib, which has 0 for the number of its columns, as CatBoost loads it."""
    catboost = pytest.importorskip("catboost", reason="SKIPPED: needs catboost, which this environment lacks")
    model = getattr(catboost, kind)(iterations=3, verbose=0, thread_count=1, allow_writing_files=False)
    saved = io.BytesIO()
    joblib.dump(model.fit(rows, target), saved)
    return joblib.load(saved)


@pytest.mark.parametrize("is_in_pipeline", [True, False])
def test_a_list_of_names_is_the_order_of_columns_of_a_saved_catboost(is_in_pipeline: bool) -> None:
    model = saved_catboost(ROWS, ROWS[:, 0], kind="CatBoostRegressor")
    found = assembled({"model": Pipeline([("only", model)]) if is_in_pipeline else model, "features": ["c", "a", "b"]})
    assert (found.columns, found.notes) == (("c", "a", "b"), ())


def test_a_saved_catboost_that_knows_its_columns_needs_no_list_of_names() -> None:
    model = saved_catboost(pd.DataFrame(ROWS, columns=["a", "b", "c"]), TARGET)
    assert assembled({"model": model, "features": ["c", "a", "b"]}).columns == ()


def test_a_saved_catboost_is_joined_with_the_scaler_beside_it() -> None:
    scaler = StandardScaler().fit(ROWS)
    model = saved_catboost(scaler.transform(ROWS), TARGET)
    found = assembled({"scaler": scaler, "model": model})
    np.testing.assert_array_equal(found.pipeline.predict(ROWS), model.predict(scaler.transform(ROWS)))
    assert found.alone is model
    with pytest.raises(ConversionError, match="no order of them fits"):
        assembled({"pca": PCA(2).fit(ROWS), "model": model})


def test_a_label_encoder_of_other_classes_is_refused() -> None:
    with pytest.raises(ConversionError, match="the model predicts 0, 1: it does not name its classes"):
        assembled((classifier(), LabelEncoder().fit(["a", "b", "c"])))
    with pytest.raises(ConversionError, match="holds 2 LabelEncoders"):
        assembled((classifier(), LabelEncoder().fit(["a", "b"]), LabelEncoder().fit(["c", "d"])))


@pytest.mark.parametrize(
    "unfitted",
    [
        LinearRegression(),
        make_pipeline(StandardScaler(), LinearRegression()),
        make_pipeline(make_column_transformer((StandardScaler(), [0])), LinearRegression()),
        make_pipeline(make_pipeline(StandardScaler()), LinearRegression()),
        Pipeline([("scaler", StandardScaler()), ("model", regressor())]),
        (StandardScaler(), regressor()),
    ],
)
def test_what_is_not_fitted_is_said_to_be(unfitted: Any) -> None:
    with pytest.raises(
        ConversionError, match=r"that is not fitted: .* after pipeline.fit\(...\), or train on the table"
    ):
        assembled(unfitted)


@pytest.mark.parametrize("model", [KMeans(2, n_init=1), IsolationForest(n_estimators=2), GaussianMixture()])
@pytest.mark.parametrize("is_in_pipeline", [True, False])
def test_a_model_that_predicts_no_column_is_named(model: Any, is_in_pipeline: bool) -> None:
    found = make_pipeline(StandardScaler(), model) if is_in_pipeline else model
    with pytest.raises(ConversionError, match=rf"ends in {type(model).__name__}, which is neither a classifier"):
        assembled(found.fit(ROWS))


def test_several_models_are_counted() -> None:
    with pytest.raises(ConversionError, match="holds 2 models, LinearRegression, LogisticRegression"):
        assembled([regressor(), classifier()])


class Sampler(BaseEstimator):
    """A step as imbalanced-learn has them."""

    def fit_resample(self, rows: Any, target: Any) -> Any:
        return rows, target


class ImbalancedPipeline(Pipeline):
    """The Pipeline of imbalanced-learn, which scikit-learn's own converters do not know."""


ImbalancedPipeline.__module__ = "imblearn.pipeline"


@pytest.mark.parametrize("is_nested", [True, False])
def test_samplers_are_left_out_because_they_change_no_prediction(is_nested: bool) -> None:
    steps = [("scaler", StandardScaler()), ("sampler", Sampler()), ("model", LogisticRegression())]
    for name, step in steps:
        if name != "sampler":
            step.fit(ROWS, TARGET)
    pipeline: Any = ImbalancedPipeline(steps)
    found = assembled(Pipeline([("inner", pipeline)]) if is_nested else pipeline)
    plain = found.pipeline.steps[0][1] if is_nested else found.pipeline
    assert type(plain) is Pipeline
    assert kinds(plain) == [StandardScaler, LogisticRegression]
    assert found.notes == ("Sampler is left out: it changes no prediction; retraining runs without it",)


def test_a_model_of_several_targets_is_taken_with_the_names_of_its_binarizer() -> None:
    both = np.column_stack([TARGET, 1 - TARGET])
    model = MultiOutputClassifier(LogisticRegression()).fit(ROWS, both)
    found = assembled({"model": model, "names": MultiLabelBinarizer().fit([["far"], ["old"]])})
    assert (found.pipeline, found.target_names, found.alone) == (model, ("far", "old"), None)
    assert assembled(model).target_names == ()


def test_a_label_encoder_names_no_classes_of_several_targets() -> None:
    both = np.column_stack([TARGET, 1 - TARGET])
    model = MultiOutputClassifier(LogisticRegression()).fit(ROWS, both)
    with pytest.raises(ConversionError, match="it does not name its classes"):
        assembled((model, LabelEncoder().fit(["no", "yes"])))
