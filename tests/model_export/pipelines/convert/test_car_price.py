"""The car-price model: its graph, its own transformers, and the public table."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder

from functions.core.schema import Feature, Schema
from model_export.pipelines.convert import convert
from tests.generated import examples

TEXT = ["name", "fuel", "seller_type", "transmission", "owner"]
COLUMNS = ["name", "year", "km_driven", "fuel", "seller_type", "transmission", "owner"]
SCHEMA = Schema(
    tuple(Feature(name, "string" if name in TEXT else "integer", nullable=True) for name in COLUMNS),
    Feature("selling_price", "number"),
)


def cars(rows: int, *, seed: int = 0, unseen: bool = False) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    names = ["Citroën C4 Cactus", "Škoda Rapid 1.5", "Seat León", "Mini"] + ([" Kia  Rio", "Dacia"] if unseen else [])
    choices = {
        "name": names,
        "fuel": ["Diesel", "Petrol"] + (["Hidrógeno"] if unseen else []),
        "seller_type": ["Individual", "Dealer"],
        "transmission": ["Manual", "Automatic"],
        "owner": ["First Owner", "Fourth & Above Owner"],
    }
    table = pd.DataFrame(
        {name: pd.Series(rng.choice(options, rows).tolist(), dtype=object) for name, options in choices.items()}
    )
    table["year"] = rng.integers(2001, 2030 if unseen else 2021, rows).astype(float)
    table["km_driven"] = rng.integers(1, 300_000, rows).astype(float)
    for name in table:
        table[name] = table[name].mask(rng.random(rows) < 0.1, None if name in TEXT else np.nan)
    return table[COLUMNS]


def prices(table: pd.DataFrame) -> Any:
    age = 2021 - table["year"].fillna(2010)
    return (np.exp(13 - 0.1 * age) * (1 + 0.2 * (table["fuel"] == "Diesel"))).to_numpy()


@pytest.fixture
def fitted(load_pipeline: Callable[[str], ModuleType]) -> Any:
    train = cars(300)
    return load_pipeline("car-price").build_pipeline(max_iter=30).fit(train, prices(train))


def test_missing_unseen_and_newer_cars_are_priced_alike(fitted: Any, parity: Callable[..., None]) -> None:
    parity(fitted, cars(200, seed=1, unseen=True), schema=SCHEMA)


def test_a_car_of_which_nothing_is_known_has_a_price(fitted: Any, run: Any) -> None:
    nothing = pd.DataFrame({name: pd.Series([None if name in TEXT else np.nan], dtype=object) for name in COLUMNS})
    (price,) = run(convert(fitted, SCHEMA), nothing, SCHEMA)
    assert price[0] > 0


def test_an_unknown_name_counts_as_the_mean_of_all_cars(fitted: Any) -> None:
    names = pd.DataFrame({"name": pd.Series(["Lada Niva", "Seat Ibiza", "Seat León"], dtype=object)})
    encoders = fitted["features"].named_transformers_
    brand, model = (encoders[branch].transform(names)[:, 0] for branch in ("brand", "model"))
    mean = pytest.approx(prices(cars(300)).mean())
    assert (brand[0], model[0], model[1]) == (mean, mean, mean)
    assert brand[1] == brand[2] != mean
    assert model[2] != mean


def test_prices_are_positive_however_low_those_of_training_were(load_pipeline: Any, run: Any) -> None:
    train = cars(200)
    low = np.where(np.arange(200) % 2, 1.0, 1e6)
    pipeline = load_pipeline("car-price").build_pipeline(learning_rate=1.0).fit(train, low)
    served = cars(500, seed=1, unseen=True)
    assert (run(convert(pipeline, SCHEMA), served, SCHEMA)[0] > 0).all()


def test_fitting_twice_gives_the_same_graph(fitted: Any) -> None:
    train = cars(300)
    assert convert(clone(fitted).fit(train, prices(train)), SCHEMA) == convert(fitted, SCHEMA)


def test_the_pipeline_pickles_under_its_module_name(fitted: Any) -> None:
    restored = pickle.loads(pickle.dumps(fitted))  # noqa: S301
    served = cars(20, seed=2)
    np.testing.assert_array_equal(restored.predict(served), fitted.predict(served))
    assert type(restored["features"].named_transformers_["brand"]["words"]).__module__ == (
        "despliegue_models.car_price.pipeline"
    )


def test_features_are_named(fitted: Any) -> None:
    names = fitted["features"].get_feature_names_out().tolist()
    assert names[:5] == [
        "brand__name_first_1",
        "model__name_first_2",
        "usage__age",
        "usage__km_driven",
        "usage__km_per_year",
    ]
    assert len(names) == fitted["model"].n_features_in_


@given(
    texts=st.lists(st.one_of(st.none(), st.text(" aé漢\t-", min_size=1, max_size=8)), min_size=3, max_size=10),
    words=st.integers(1, 3),
)
@examples(40, share_fixtures=True)
def test_first_words_are_cut_alike(parity: Any, load_pipeline: Any, texts: list[Any], words: int) -> None:
    table = pd.DataFrame({"name": pd.Series(texts, dtype=object)})
    first = load_pipeline("car-price").FirstWords(words)
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    pipeline = Pipeline([("words", first), ("encode", encoder), ("model", LinearRegression())])
    pipeline.fit(table[: len(table) // 2 + 1], np.arange(len(table) // 2 + 1))
    pipeline[-1].coef_, pipeline[-1].intercept_ = np.array([1.0]), 0.0
    parity(pipeline, table)


def test_all_public_cars_are_priced_alike(
    real_data: Path, load_pipeline: Callable[[str], ModuleType], parity: Callable[..., None]
) -> None:
    table = pd.read_csv(real_data / "cars" / "car_details_4340.csv").astype(
        {**dict.fromkeys(TEXT, object), "year": float, "km_driven": float, "selling_price": float}
    )
    assert len(table) == 4340
    train, test = train_test_split(table, test_size=0.2, random_state=1)
    pipeline = load_pipeline("car-price").build_pipeline().fit(train[COLUMNS], train["selling_price"])
    assert r2_score(test["selling_price"], pipeline.predict(test[COLUMNS])) > 0.91
    parity(pipeline, table[COLUMNS], schema=SCHEMA)
