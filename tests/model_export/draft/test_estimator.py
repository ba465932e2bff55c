"""Facts about the table of a fitted pipeline, and its unfitted copy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import TransformedTargetRegressor, make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier, StackingClassifier, VotingRegressor
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.utils.validation import check_is_fitted

from model_export.draft.estimator import facts_of, unfitted
from model_export.transformers.dates import DateParts
from model_export.transformers.expressions import Expressions

FRAME = pd.DataFrame({"town": ["Cork", "Lyon"] * 20, "size": [1, 2, 3, 4] * 10, "x": np.arange(40.0)})
LABELS = np.array(["no", "yes"] * 20)


def test_a_frame_gives_its_columns_and_the_levels_of_encoders() -> None:
    columns = make_column_transformer((OneHotEncoder(), ["town"]), (OrdinalEncoder(), ["size"]))
    found = facts_of(make_pipeline(columns, LogisticRegression()).fit(FRAME, LABELS))
    assert (found.is_classifier, found.takes_texts, found.labels) == (True, False, ("no", "yes"))
    assert (found.columns, found.read) == (("town", "size", "x"), {"town", "size"})
    assert found.kinds == {"town": "string", "size": "number"}
    assert found.closed == {"town": ("Cork", "Lyon"), "size": (1, 2, 3, 4)}


def test_numbers_missing_values_and_imputers_are_facts_too() -> None:
    frame = FRAME.assign(size=FRAME["size"].astype(float).replace(4, np.nan))
    columns = make_column_transformer(
        (OneHotEncoder(), ["town"]), (OrdinalEncoder(), ["size"]), (SimpleImputer(), ["x"]), remainder="drop"
    )
    found = facts_of(make_pipeline(columns, LogisticRegression()).fit(frame.fillna({"size": 3}), LABELS))
    assert (found.numbers, found.missing, found.imputed) == ({"size": {1, 2, 3}}, set(), {"x"})
    boosting = HistGradientBoostingClassifier(max_iter=2)
    found = facts_of(make_pipeline(columns, boosting).fit(frame, LABELS))
    assert (found.numbers, found.missing, found.levels) == ({"size": {1, 2, 3}}, {"size"}, {"town": {"Cork", "Lyon"}})
    whole = facts_of(make_pipeline(SimpleImputer(), LogisticRegression()).fit(FRAME[["x"]].to_numpy(), LABELS))
    assert (whole.imputes_all, whole.imputed) == (True, set())


DATES = FRAME.assign(
    sold=pd.date_range("2024-01-01", periods=40), seen=pd.date_range("2024-01-01", periods=40, tz="UTC"), built=pd.NaT
)


def test_columns_whose_parts_are_read_are_datetimes_of_a_time_zone() -> None:
    columns = make_column_transformer(
        (make_pipeline(DateParts(["year"]), SimpleImputer()), ["sold"]),
        (DateParts(["hour"]), ["seen"]),
        (SimpleImputer(), ["x"]),
    )
    found = facts_of(make_pipeline(columns, LinearRegression()).fit(DATES, FRAME.x))
    assert (found.kinds["sold"], found.kinds["seen"]) == ("datetime", "datetime")
    assert found.time_zones == {"sold": "none", "seen": "UTC"}
    assert found.imputed == {"sold", "x"}


def test_an_imputer_behind_all_columns_imputes_dates_too() -> None:
    columns = make_column_transformer((DateParts(["year"], since="2000-01-01"), ["sold", "built"]))
    model = make_pipeline(columns, SimpleImputer(keep_empty_features=True), LinearRegression())
    found = facts_of(model.fit(DATES, FRAME.x))
    assert found.imputed == {"sold", "built"}
    assert found.time_zones == {"sold": "none", "built": "none"}


def test_columns_are_imputed_that_an_imputed_expression_reads() -> None:
    step = Expressions({"twice": "x * 2", "ratio": "twice / size", "free": "x + size"})
    columns = make_column_transformer((SimpleImputer(), ["ratio"]), ("passthrough", ["free"]))
    found = facts_of(make_pipeline(step, columns, LinearRegression()).fit(FRAME, FRAME.x))
    assert {"x", "size"} <= found.imputed
    assert found.columns == ("town", "size", "x")


def test_an_encoder_behind_an_imputer_counts() -> None:
    encoded = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    columns = make_column_transformer((encoded, ["town", "size"]))
    found = facts_of(make_pipeline(columns, LinearRegression()).fit(FRAME, FRAME.x))
    assert found.kinds["town"] == "string"
    assert (found.closed, found.labels, found.is_classifier) == ({}, (), False)


def test_arrays_give_the_number_of_columns() -> None:
    found = facts_of(make_pipeline(StandardScaler(), LinearRegression()).fit(FRAME[["x", "size"]].to_numpy(), FRAME.x))
    assert (found.columns, found.width) == (None, 2)


def test_dictionaries_give_their_keys_and_levels() -> None:
    rows = FRAME[["town", "x"]].to_dict("records")
    found = facts_of(make_pipeline(DictVectorizer(), LogisticRegression(max_iter=500)).fit(rows, LABELS))
    assert found.columns == ("town", "x")
    assert found.levels == {"town": {"Cork", "Lyon"}, "x": frozenset()}
    assert found.kinds == {"town": "string", "x": "number"}


def test_names_with_the_separator_of_dictionaries_are_found_in_the_table() -> None:
    rows = [{"a=b": town, "c=d": x} for town, x in zip(FRAME.town, FRAME.x, strict=True)]
    pipeline = make_pipeline(DictVectorizer(), LogisticRegression(max_iter=500)).fit(rows, LABELS)
    found = facts_of(pipeline, ["a=b", "c=d"])
    assert found.levels == {"a=b": {"Cork", "Lyon"}, "c=d": frozenset()}


def test_a_vectorizer_takes_texts() -> None:
    assert facts_of(make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(FRAME.town, LABELS)).takes_texts


def selected() -> Any:
    return make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), make_column_selector(dtype_include="number")),
        (OneHotEncoder(), make_column_selector(pattern="town")),
        ("passthrough", ["x"]),
    )


def boosted() -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=2)


TYPED = FRAME.astype({"town": "category"})
OBJECTS = FRAME.astype({"town": object, "size": float})


@pytest.mark.parametrize(
    ("pipeline", "frame"),
    [
        (make_pipeline(selected(), LogisticRegression()), FRAME),
        (make_pipeline(make_union(selected(), selected()), LogisticRegression()), FRAME),
        (boosted(), TYPED),
        (StackingClassifier([("a", boosted()), ("b", make_pipeline(selected(), RandomForestClassifier(3)))]), TYPED),
    ],
)
def test_an_unfitted_copy_needs_no_types_of_columns(pipeline: Any, frame: pd.DataFrame) -> None:
    """Columns selected by type are listed by name, because frames of this project have other types."""
    copy = unfitted(pipeline.fit(frame, LABELS))
    with pytest.raises(NotFittedError):
        check_is_fitted(copy)
    assert type(copy) is type(pipeline)
    copy.fit(OBJECTS, LABELS)
    assert copy.predict_proba(OBJECTS).shape == (40, 2)


def test_the_fitted_one_is_left_as_it_is() -> None:
    pipeline = make_pipeline(selected(), LogisticRegression()).fit(FRAME, LABELS)
    before = pipeline.predict_proba(FRAME)
    unfitted(pipeline)
    np.testing.assert_array_equal(pipeline.predict_proba(FRAME), before)
    assert callable(pipeline[0].transformers[0][2])


def test_an_unfitted_copy_keeps_its_settings() -> None:
    votes = VotingRegressor([("a", LinearRegression(fit_intercept=False)), ("b", "drop")], weights=[2, 1])
    pipeline = TransformedTargetRegressor(make_pipeline(selected(), votes), func=np.sqrt, inverse_func=np.square)
    copy = unfitted(pipeline.fit(FRAME, FRAME.x))
    assert copy.func is np.sqrt
    inner = copy.regressor[-1]
    assert (inner.weights, inner.estimators[1]) == ([2, 1], ("b", "drop"))
    assert not inner.estimators[0][1].fit_intercept
    assert copy.fit(OBJECTS, OBJECTS.x).predict(OBJECTS).shape == (40,)


def test_categories_by_type_are_named() -> None:
    assert unfitted(boosted().fit(TYPED, LABELS)).categorical_features == ["town"]
    assert unfitted(boosted().fit(FRAME[["x"]], LABELS)).categorical_features is None


def test_categories_of_catboost_are_text_though_a_table_has_them_as_numbers() -> None:
    catboost = pytest.importorskip("catboost", reason="SKIPPED: needs catboost, which this environment lacks")
    frame = pd.DataFrame({"floor": [1, 2, 3, 4] * 5, "size": [0.5 * row for row in range(20)]})
    model = catboost.CatBoostRegressor(iterations=3, cat_features=["floor"], verbose=0, allow_writing_files=False)
    facts = facts_of(model.fit(frame, list(range(20))))
    assert (facts.columns, facts.kinds, facts.width) == (("floor", "size"), {"floor": "string"}, 2)


def test_blanks_of_names_are_found_again_where_lightgbm_writes_underscores() -> None:
    lightgbm = pytest.importorskip("lightgbm", reason="SKIPPED: needs lightgbm, which this environment lacks")
    frame = pd.DataFrame({"living area": range(40), "rooms": range(40)})
    model = lightgbm.LGBMRegressor(n_estimators=3, verbose=-1, n_jobs=1).fit(frame, list(range(40)))
    assert facts_of(model, ["living area", "rooms"]).columns == ("living area", "rooms")


def test_the_labels_of_several_targets_are_apart() -> None:
    both = np.column_stack([LABELS, FRAME["size"].astype(str)])
    found = facts_of(RandomForestClassifier(2).fit(FRAME[["x"]], both))
    assert (found.targets, found.labels) == (2, (("no", "yes"), ("1", "2", "3", "4")))
    assert found.labels_by_target == found.labels
    alone = facts_of(RandomForestClassifier(2).fit(FRAME[["x"]], LABELS))
    assert (alone.targets, alone.labels_by_target) == (1, (("no", "yes"),))
    numbers = facts_of(LinearRegression().fit(FRAME[["x"]], FRAME[["x", "size"]]))
    assert (numbers.targets, numbers.labels, numbers.labels_by_target) == (2, (), ((), ()))


@pytest.mark.parametrize("wrapper", [MultiOutputClassifier, MultiOutputRegressor])
def test_the_copy_of_a_member_lists_columns_by_name(wrapper: Any) -> None:
    chosen = make_column_transformer((OneHotEncoder(), make_column_selector(dtype_include="number")), remainder="drop")
    model = LogisticRegression() if wrapper is MultiOutputClassifier else LinearRegression()
    both = np.column_stack([FRAME["size"] > 2, FRAME["x"] > 3]).astype(int)
    copy = unfitted(wrapper(make_pipeline(chosen, model)).fit(FRAME, both))
    assert not hasattr(copy, "estimators_")
    assert copy.estimator[0].transformers[0][2] == ["size", "x"]
