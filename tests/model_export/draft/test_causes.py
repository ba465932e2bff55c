"""Causes of a pipeline that is wrong on its own table: each is found, with what mends it, and none in a sound one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from functions.core.schema import Feature, Schema, Table
from model_export.draft.causes import Cause, likely_causes
from model_export.pipelines.assembly import Assembled

RANDOM = np.random.default_rng(5)
NAMES = ("age", "income", "visits")
FRAME = pd.DataFrame(
    {"age": RANDOM.normal(40, 12, 300), "income": RANDOM.normal(30_000, 8_000, 300), "visits": RANDOM.poisson(3, 300)}
).astype(float)
BOUGHT = (FRAME.age / 12 + FRAME.income / 8_000 + RANDOM.normal(0, 0.3, 300) > 7.1).map({True: "yes", False: "no"})
PRICE = np.exp(FRAME.age / 20 + FRAME.visits / 5)
CLASSES = Schema(tuple(Feature(name, "number") for name in NAMES), Feature("bought", "string", allowed=("no", "yes")))
NUMBERS = Schema(CLASSES.features, Feature("price", "number"))


def table(target: Any, frame: pd.DataFrame = FRAME) -> Table:
    name = "bought" if target is BOUGHT else "price"
    return {**{one: frame[one].tolist() for one in frame}, name: np.asarray(target).tolist()}


def causes(pipeline: Any, target: Any, *, alone: Any = None, schema: Schema | None = None) -> list[Cause]:
    is_classification = target is BOUGHT
    schema = schema or (CLASSES if is_classification else NUMBERS)
    return likely_causes(Assembled(pipeline, alone=alone), schema, table(target), is_classification=is_classification)


def test_a_sound_pipeline_has_none() -> None:
    assert causes(make_pipeline(StandardScaler(), LogisticRegression()).fit(FRAME, BOUGHT), BOUGHT) == []
    assert causes(make_pipeline(StandardScaler(), LogisticRegression()).fit(FRAME.to_numpy(), BOUGHT), BOUGHT) == []
    assert causes(LinearRegression().fit(FRAME, PRICE), PRICE) == []


def test_predictions_of_hundreds_are_tried_without_a_warning() -> None:
    """Their exponential squared twice is beyond every number, and warnings are errors in tests."""
    hundreds = FRAME.age * 3.5 + FRAME.visits + RANDOM.normal(0, 5, 300)
    assert causes(LinearRegression().fit(FRAME, hundreds), hundreds) == []


@pytest.mark.parametrize("scaler", [StandardScaler(), MinMaxScaler()])
@pytest.mark.parametrize("has_names", [True, False])
def test_a_scaler_that_is_missing(scaler: Any, has_names: bool) -> None:
    scaled = scaler.fit_transform(FRAME)
    rows = pd.DataFrame(scaled, columns=list(NAMES)) if has_names else scaled
    (cause, *_) = causes(LogisticRegression(C=100).fit(rows, BOUGHT), BOUGHT)
    assert cause.what == "a scaler is missing in front of it"
    assert f"pass the {type(scaler).__name__} of the script before the model" in cause.remedy
    assert cause.after > 0.9 > 0.8 > cause.before


def test_a_scaler_that_is_applied_twice() -> None:
    whole = make_pipeline(StandardScaler(), LogisticRegression()).fit(FRAME.to_numpy(), BOUGHT)
    joined = make_pipeline(StandardScaler().fit(FRAME.to_numpy()), whole)
    (cause,) = causes(joined, BOUGHT, alone=whole)
    assert cause.what == "it prepares the columns itself, and the StandardScaler does so before"


def test_a_table_that_is_scaled_already() -> None:
    scaled = StandardScaler().fit_transform(FRAME)
    whole = make_pipeline(StandardScaler(), LogisticRegression()).fit(FRAME.to_numpy(), BOUGHT)
    rows = table(BOUGHT, pd.DataFrame(scaled, columns=list(NAMES)))
    found = likely_causes(Assembled(whole), CLASSES, rows, is_classification=True)
    assert "the columns are scaled already, and it scales them again" in [cause.what for cause in found]


@pytest.mark.parametrize(("name", "function"), [("log", np.log), ("log1p", np.log1p), ("sqrt", np.sqrt)])
def test_a_function_of_the_target(name: str, function: Any) -> None:
    pipeline = make_pipeline(StandardScaler(), LinearRegression()).fit(FRAME, function(PRICE))
    assert f"add --target-was {name}" in [cause.remedy for cause in causes(pipeline, PRICE)]


def test_columns_in_another_order() -> None:
    order = ["visits", "age", "income"]
    (cause,) = causes(
        make_pipeline(StandardScaler(), LogisticRegression()).fit(FRAME[order].to_numpy(), BOUGHT), BOUGHT
    )
    assert str(cause).startswith("it was fitted on the columns in another order: accuracy 0.9")
    assert cause.remedy == "add --columns visits age income"


def test_of_many_columns_the_order_is_that_of_the_scaler() -> None:
    names = [f"c{place}" for place in range(8)]
    wide = pd.DataFrame({name: RANDOM.normal(10 * place, 1, 300) for place, name in enumerate(names)})
    target = wide.c3 - wide.c6 + 5 * wide.c1
    order = list(RANDOM.permutation(names))
    pipeline = make_pipeline(StandardScaler(), LinearRegression()).fit(wide[order].to_numpy(), target)
    schema = Schema(tuple(Feature(name, "number") for name in names), Feature("price", "number"))
    found = likely_causes(Assembled(pipeline), schema, table(target, wide), is_classification=False)
    assert found[0].remedy == f"add --columns {' '.join(order)}"


def test_text_beside_numbers_is_left_as_it_is() -> None:
    frame = FRAME.assign(town=np.where(BOUGHT == "yes", "Cork", "Lyon"))
    columns = make_column_transformer((OneHotEncoder(), ["town"]), (StandardScaler(), ["age"]))
    pipeline = make_pipeline(columns, LogisticRegression()).fit(frame, BOUGHT)
    schema = Schema((*CLASSES.features, Feature("town", "string")), CLASSES.target)
    rows = {**table(BOUGHT), "town": frame.town.tolist()}
    assert likely_causes(Assembled(pipeline), schema, rows, is_classification=True) == []


PAIR = Schema(CLASSES.features, (Feature("price", "number"), Feature("weight kg", "number")))


def of_pair(pipeline: Any) -> list[Cause]:
    rows = {**table(PRICE), "weight kg": (FRAME.age * 3).tolist()}
    return likely_causes(Assembled(pipeline), PAIR, rows, is_classification=False)


def test_targets_in_another_order_are_a_cause_with_the_order() -> None:
    fitted = RandomForestRegressor(5, random_state=0).fit(FRAME, np.column_stack([FRAME.age * 3, PRICE]))
    (cause, *_) = of_pair(fitted)
    assert cause.what == "it was fitted on the targets in another order"
    assert cause.remedy == "name them in its order: --target 'weight kg' --target price"
    assert cause.after > 0.9 > 0 > cause.before


def test_a_sound_pipeline_of_several_targets_has_none() -> None:
    assert of_pair(RandomForestRegressor(5, random_state=0).fit(FRAME, np.column_stack([PRICE, FRAME.age * 3]))) == []


def test_a_function_of_several_targets_is_a_cause() -> None:
    fitted = RandomForestRegressor(5, random_state=0).fit(FRAME, np.log1p(np.column_stack([PRICE, FRAME.age * 3])))
    (cause, *_) = of_pair(fitted)
    assert cause.remedy == "add --target-was log1p"


def test_three_labels_in_another_order_are_a_cause() -> None:
    names = ("a", "b", "c")
    labels = np.column_stack([FRAME.age > 40, FRAME.income > 30_000, FRAME.visits > 3]).astype(int)
    schema = Schema(CLASSES.features, tuple(Feature(name, "integer", allowed=(0, 1)) for name in names))
    rows = {**{one: FRAME[one].tolist() for one in FRAME}, **dict(zip(names, labels.T.tolist(), strict=True))}
    fitted = DecisionTreeClassifier().fit(FRAME, labels[:, [2, 0, 1]])
    (cause, *_) = likely_causes(Assembled(fitted), schema, rows, is_classification=True)
    assert cause.remedy == "name them in its order: --target c --target a --target b"
    assert (cause.metric, cause.after) == ("accuracy", 1.0)
