"""despliegue new with a pipeline fitted on other values than the table's: scaled, respelled, of another type."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from functions.local.home import Home
from tests.commands import customer_models, empty_home
from tests.commands.customer_models import ROWS, assert_retrains, assert_served_as, instances
from tests.commands.empty_home import Command
from tests.commands.serving import retrained, served

home, command, customers = empty_home.home, empty_home.command, customer_models.customers


def test_a_vectorizer_and_a_model_over_snake_case_with_numbered_classes(
    command: Command, home: Home, customers: pd.DataFrame, connect: Any
) -> None:
    """The notebook of ML Bookcamp put columns and values in snake case before it trained."""
    table = customers.rename(columns=lambda name: f"Customer {name.title()}").replace({"basic": "Basic Plan"})
    table.to_csv("customers.csv", index=False)
    names = ["customer_plan", "customer_visits"]
    frame = pd.DataFrame({"customer_plan": customers.plan.replace({"basic": "basic_plan"})})
    frame["customer_visits"] = customers.visits
    vectorizer = DictVectorizer(sparse=False)
    rows = vectorizer.fit_transform(frame.to_dict("records"))
    model = LogisticRegression().fit(rows, (customers.left == "yes").astype(int))
    Path("model.bin").write_bytes(pickle.dumps((vectorizer, model)))
    arguments = ("--data", "customers.csv", "--target", "Customer Left", "--pipeline", "model.bin")
    status, out, err = command("new", "leavers", *arguments)
    assert status == 0, err
    assert "0 as no, 1 as yes" in out
    with served(home, connect) as client:
        answer = client.post("/models/leavers/predict", json=instances(frame[names])).json()["data"]["predictions"]
        np.testing.assert_allclose([one["scores"]["yes"] for one in answer], model.predict_proba(rows)[:, 1], rtol=1e-9)


@pytest.fixture
def scaled(home: Home) -> Any:
    """flats.csv, and scaler.pkl and model.pkl, which a script fitted on arrays and saved apart."""
    rng = np.random.default_rng(2)
    flats = pd.DataFrame({"age": rng.normal(40, 9, ROWS), "income": rng.normal(30_000, 7_000, ROWS)})
    flats["left"] = np.where(flats.age / 9 + flats.income / 7_000 + rng.normal(0, 0.2, ROWS) > 8.7, "yes", "no")
    flats.to_csv("flats.csv", index=False)
    flats[::4].to_csv("others.csv", index=False)
    scaler = StandardScaler().fit(flats[["age", "income"]].to_numpy())
    model = LogisticRegression().fit(scaler.transform(flats[["age", "income"]].to_numpy()), flats.left)
    joblib.dump(scaler, "scaler.pkl")
    joblib.dump(model, "model.pkl")
    return flats


FLATS = ("--data", "flats.csv", "--target", "left")


def test_a_model_without_its_scaler_is_kept_out_of_production_with_the_cause(
    command: Command, home: Home, scaled: pd.DataFrame
) -> None:
    status, out, err = command("new", "leavers", *FLATS, "--pipeline", "model.pkl")
    assert status == 1, err
    assert "their order is assumed to be the table's (--columns gives another): age, income" in out
    assert "version 1 is kept and not promoted: no better than guessing on 400 rows: accuracy 0." in out
    assert "likely cause: a scaler is missing in front of it: accuracy 0.9" in out
    assert "--pipeline scaler.pkl --pipeline model.pkl" in out
    assert (home.registry.versions("leavers"), home.registry.promotable("leavers").production) == ([1], None)
    shutil.rmtree("models")
    status, out, _ = command("new", "leavers", *FLATS, "--pipeline", "scaler.pkl", "--pipeline", "model.pkl")
    assert status == 0
    assert "version 2 is in production" in out
    assert "likely cause" not in out


def test_it_goes_into_production_by_force(command: Command, home: Home, scaled: pd.DataFrame) -> None:
    status, out, _ = command("new", "leavers", *FLATS, "--pipeline", "model.pkl", "--force")
    assert status == 0
    assert "version 1 is in production: your pipeline, unchanged, forced past: no better than guessing" in out
    assert home.registry.pointer("leavers").production is not None


def test_metrics_of_rows_that_were_perhaps_fitted_on_are_marked_everywhere(
    command: Command, home: Home, scaled: pd.DataFrame, connect: Any
) -> None:
    both = ("--pipeline", "scaler.pkl", "--pipeline", "model.pkl")
    _, out, _ = command("new", "leavers", *FLATS, *both)
    assert "rows that the pipeline may have been fitted on)" in out
    assert "rows that the pipeline may have been fitted on" in command("versions", "leavers")[1]
    _, out, _ = command("new", "others", *FLATS, *both, "--evaluation", "others.csv")
    assert "may have been fitted on" not in out + command("versions", "others")[1]
    with served(home, connect) as client:
        for model, in_sample in (("leavers", True), ("others", False)):
            for path in ("", "/performance", "/performance?filter=overall", "/versions/1"):
                data = client.get(f"/models/{model}{path}").json()["data"]
                assert data["metrics_in_sample"] is in_sample, path
        assert client.get("/models/others/performance?filter=overall").json()["data"]["performance"]["rows"] == 100
        schemas = client.get("/openapi.json").json()["components"]["schemas"]
        assert "so they flatter" in schemas["Performance"]["properties"]["metrics_in_sample"]["description"]


def test_the_table_itself_is_no_file_to_measure_on(command: Command, home: Home, customers: pd.DataFrame) -> None:
    status, _, err = command("new", "leavers", *FLATS[2:], "--data", "customers.csv", "--evaluation", "./customers.csv")
    assert status == 1
    assert "customers.csv is the table to learn from, customers.csv: give other rows" in err
    assert not Path("models", "leavers").exists()


def test_a_regressor_of_the_logarithm_predicts_the_target_with_one_option(
    command: Command, home: Home, connect: Any
) -> None:
    rng = np.random.default_rng(0)
    flats = pd.DataFrame({"m2": rng.integers(20, 200, 100), "floor": rng.integers(0, 8, 100)})
    flats["rent"] = np.exp(flats.m2 / 60 + 5).round(2)
    flats.to_csv("flats.csv", index=False)
    joblib.dump(LinearRegression().fit(flats[["m2", "floor"]], np.log1p(flats.rent)), "model.pkl")
    arguments = ("new", "rents", "--data", "flats.csv", "--target", "rent", "--pipeline", "model.pkl")
    status, out, _ = command(*arguments)
    assert status == 1
    assert "it was fitted on np.log1p of the target" in out
    shutil.rmtree("models")
    status, out, _ = command(*arguments, "--target-was", "log1p")
    assert status == 0, out
    with served(home, connect) as client:
        answer = client.post("/models/rents/predict", json={"m2": 60, "floor": 1}).json()["data"]["predictions"]
        assert answer[0] == pytest.approx(np.exp(6), rel=0.01)


def test_levels_of_the_pipeline_are_served_and_those_of_the_table_are_brought_to_them(
    command: Command, home: Home, customers: pd.DataFrame, connect: Any
) -> None:
    """ML Zoomcamp lowers the case of a column in the script; the table keeps the spelling of its owner."""
    table = customers.assign(town=customers.town.fillna("Cork"), floor=customers.visits)
    table["left"] = np.where((table.town == "Cork") | (table.floor > 3), "yes", "no")
    table[["town", "floor", "left"]].to_csv("customers.csv", index=False)
    frame = pd.DataFrame({"town": table.town.str.lower(), "floor": table.floor.astype(float).astype(str)})
    columns = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["town", "floor"]))
    pipeline = make_pipeline(columns, LogisticRegression()).fit(frame, table.left)
    joblib.dump(pipeline, "mine.joblib")
    status, out, err = command(
        "new", "leavers", "--data", "customers.csv", "--target", "left", "--pipeline", "mine.joblib"
    )
    assert status == 0, out + err
    assert "values are read in snake case, as the pipeline knows them" in out
    assert "floor: read as the pipeline knows it, " in out
    assert "'3' as '3.0'" in out
    with served(home, connect) as client:
        sent = json.loads(frame.to_json(orient="records"))
        assert_served_as(client, "leavers", pipeline, frame, sent)
        answer = client.post("/models/leavers/predict", json=[*sent[:1], {"town": "paris", "floor": "3.0"}]).json()
        assert [[one["type"] for one in row] for row in answer["data"]["warnings"]] == [[], ["unseen_level"]]
        refused = client.post("/models/leavers/predict", json={"town": "Cork", "floor": "3.0"}).json()
        assert "differs from the known 'cork' only in case" in refused["errors"][0]["msg"]
        assert_retrains(client, "leavers", [{**one, "left": left} for one, left in zip(sent, table.left, strict=True)])


TRUTHS: dict[str, Callable[[Any], Any]] = {
    "booleans": lambda left: left == "yes",
    "floats": lambda left: (left == "yes").astype(float),
    "integers": lambda left: (left == "yes").astype(int) + 1,
    "true and false as texts": lambda left: (left == "yes").astype(str),
}


@pytest.mark.parametrize("kind", TRUTHS)
def test_classes_keep_their_type_and_spelling_and_may_be_sent_back_as_they_came(
    command: Command, home: Home, customers: pd.DataFrame, connect: Any, kind: str
) -> None:
    labels = TRUTHS[kind](customers.left)
    whole = labels.astype(int) if kind == "floats" else labels
    customers[["plan", "income", "vip"]].assign(left=whole).to_csv("customers.csv", index=False)
    columns = make_column_transformer((OneHotEncoder(), ["plan", "vip"]), remainder="passthrough")
    pipeline = make_pipeline(columns, LogisticRegression(max_iter=5000))
    pipeline.fit(customers[["plan", "income", "vip"]], labels)
    joblib.dump(pipeline, "mine.joblib")
    arguments = ("--data", "customers.csv", "--target", "left", "--pipeline", "mine.joblib")
    status, out, err = command("new", "leavers", *arguments)
    assert status == 0, out + err
    features = instances(customers[["plan", "income", "vip"]])
    with served(home, connect) as client:
        properties = client.get("/models/leavers").json()["data"]["schema"]["properties"]
        assert properties["vip"] == {"type": "boolean"}
        assert_served_as(client, "leavers", pipeline, customers[["plan", "income", "vip"]], features)
        answered = client.post("/models/leavers/predict", json=features).json()["data"]["predictions"]
        sent_back = [{**row, "left": one["label"]} for row, one in zip(features, answered, strict=True)]
        assert_retrains(client, "leavers", sent_back)
        again = client.post("/models/leavers/predict", json=features).json()["data"]["predictions"]
        assert {one["label"] for one in again} == {one["label"] for one in answered} == set(map(str, set(labels)))
        native = [{**row, "left": label} for row, label in zip(features, labels.tolist(), strict=True)]
        assert retrained(client, "leavers", native)["version"] == 3
        refused = client.post("/models/leavers/predict", json={**features[0], "vip": "yes"}).json()
        assert refused["errors"][0]["msg"] == "must be true or false, not a string"
