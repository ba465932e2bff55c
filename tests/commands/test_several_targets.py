"""Several targets end to end: new, serve, predict, retrain, promote, and what a client sees of each."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import joblib
import jsonschema
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier, RegressorChain
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MultiLabelBinarizer, OneHotEncoder, StandardScaler

from functions.core.model_folder import load_definitions
from functions.core.schema import Schema
from functions.local.home import Home
from functions.serving.version import LoadedVersion
from model_export.training import TrainingRun, train
from model_export.training_files.rows import read_rows
from tests.commands import empty_home
from tests.commands.empty_home import Command
from tests.commands.serving import served

ROWS = 300
FEATURES = ["km", "age", "fuel"]
NUMBERS = ["precio €", "a.b"]
LABELS = ["old", "far", "ev"]

home, command = empty_home.home, empty_home.command


@pytest.fixture
def cars(home: Home) -> pd.DataFrame:
    """cars.csv: three features, two numbers and three labels of them."""
    rng = np.random.default_rng(0)
    km, age = rng.integers(0, 200_000, ROWS), rng.integers(0, 20, ROWS)
    frame = pd.DataFrame({"km": km, "age": age, "fuel": rng.choice(["gas", "diesel", "eléctrico"], ROWS)})
    frame["precio €"] = (30_000 - 0.1 * frame.km - 500 * frame.age + rng.normal(0, 500, ROWS)).round(2)
    frame["a.b"] = (1000 + 20 * frame.age + rng.normal(0, 10, ROWS)).round(3)
    frame["old"], frame["far"] = (age > 10).astype(int), (km > 100_000).astype(int)
    frame["ev"] = (frame.fuel == "eléctrico").astype(int)
    frame.to_csv("cars.csv", index=False)
    return frame


def prepared() -> Any:
    return make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["fuel"]), (StandardScaler(), ["km", "age"])
    )


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return list(json.loads(frame.to_json(orient="records")))


def asked(client: httpx.Client, path: str, body: Any = None, status: int = 200) -> Any:
    answer = client.get(path) if body is None else client.post(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()["data" if status < 400 else "errors"]


def targets(names: list[str]) -> list[str]:
    return [word for name in names for word in ("--target", name)]


def check_schemas(client: httpx.Client, model: str, predictions: list[Any]) -> None:
    """Every prediction is one that the schema, the catalogue and the OpenAPI document promise."""
    for path in (f"/models/{model}", f"/models/{model}/schema"):
        described = jsonschema.Draft202012Validator(asked(client, path)["prediction_schema"])
        for one in predictions:
            described.validate(one)
            for name in one:
                assert not described.is_valid({key: value for key, value in one.items() if key != name})
    document = client.get("/openapi.json").json()
    operation = document["paths"][f"/models/{model}/predict"]["post"]
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    shown = answer["properties"]["data"]["properties"]["predictions"]["items"]
    assert list(shown["properties"]) == list(predictions[0])
    jsonschema.Draft202012Validator(shown).validate(predictions[0])


def new_linear(command: Command, table: pd.DataFrame) -> tuple[int, str, str]:
    """A model of two numbers from a linear pipeline and a table that may lack some of them."""
    whole = table.dropna().infer_objects()
    joblib.dump(make_pipeline(prepared(), LinearRegression()).fit(whole[FEATURES], whole[NUMBERS]), "mine.joblib")
    table.to_csv("cars.csv", index=False)
    return command("new", "cars", "--data", "cars.csv", *targets(NUMBERS), "--pipeline", "mine.joblib")


def test_a_regressor_of_two_targets_from_joblib_to_a_promoted_retrain(
    command: Command, home: Home, cars: pd.DataFrame, connect: Any
) -> None:
    pipeline = make_pipeline(prepared(), LinearRegression()).fit(cars[FEATURES], cars[NUMBERS])
    joblib.dump(pipeline, "mine.joblib")
    table = cars[[*FEATURES, *NUMBERS]]
    table.to_csv("cars.csv", index=False)
    status, out, err = command("new", "cars", "--data", "cars.csv", *targets(NUMBERS), "--pipeline", "mine.joblib")
    assert status == 0, out + err
    assert "2 numbers are predicted together, precio €, a.b; the pipeline does not name its targets" in out
    assert "version 1 is in production" in out
    with served(home, connect) as client:
        found = asked(client, "/models/cars/predict", rows_of(cars[FEATURES]))["predictions"]
        assert list(found[0]) == NUMBERS
        np.testing.assert_allclose(
            [list(one.values()) for one in found], pipeline.predict(cars[FEATURES]), rtol=1e-9, atol=0
        )
        check_schemas(client, "cars", found[:3])
        performance = asked(client, "/models/cars/performance?filter=targets")["performance"]
        assert list(performance) == NUMBERS
        means = asked(client, "/models/cars")["metrics"]
        assert means == pytest.approx(
            {name: np.mean([performance[one][name] for one in NUMBERS]) for name in ("rmse", "mae", "r2")}
        )
        # a row that lacks a target is no row to train on
        lacking = [{**row, "a.b": None} if number == 2 else row for number, row in enumerate(rows_of(table))]
        (fault,) = asked(client, "/models/cars/retrain", lacking, 422)
        assert (fault["loc"], fault["type"]) == (["body", 2, "a.b"], "number_type")
        again = asked(client, "/models/cars/retrain", rows_of(table))
        assert (again["version"], again["promoted"]) == (2, True), again["reason"]
        assert again["production_metrics"].keys() == again["metrics"].keys() == {"rmse", "mae", "r2"}
        answered = asked(client, "/models/cars/predict", rows_of(cars[FEATURES])[0])
        assert (answered["version"], list(answered["predictions"][0])) == (2, NUMBERS)
        assert client.put("/models/cars/production", json={"version": 1}).status_code == 200
        assert asked(client, "/models/cars/predict", rows_of(cars[FEATURES])[0])["version"] == 1


def test_a_matrix_of_labels_keeps_the_names_of_its_binarizer(
    command: Command, home: Home, cars: pd.DataFrame, connect: Any
) -> None:
    binarizer = MultiLabelBinarizer(classes=LABELS).fit([LABELS])
    pipeline = make_pipeline(prepared(), OneVsRestClassifier(LogisticRegression())).fit(cars[FEATURES], cars[LABELS])
    joblib.dump({"model": pipeline, "labels": binarizer}, "mine.joblib")
    cars[[*FEATURES, *LABELS]].to_csv("cars.csv", index=False)
    status, _, err = command("new", "cars", "--data", "cars.csv", *targets(LABELS[::-1]), "--pipeline", "mine.joblib")
    assert (status, "--target old --target far --target ev" in err) == (1, True), err
    status, out, err = command("new", "cars", "--data", "cars.csv", *targets(LABELS), "--pipeline", "mine.joblib")
    assert status == 0, out + err
    with served(home, connect) as client:
        found = asked(client, "/models/cars/predict", rows_of(cars[FEATURES]))["predictions"]
        scores = [[one[name]["scores"]["1"] for name in LABELS] for one in found]
        np.testing.assert_allclose(scores, pipeline.predict_proba(cars[FEATURES]), rtol=1e-9, atol=1e-12)
        chosen = [[int(one[name]["label"]) for name in LABELS] for one in found]
        np.testing.assert_array_equal(chosen, pipeline.predict(cars[FEATURES]))
        check_schemas(client, "cars", found[:3])
        assert {"subset_accuracy", "hamming_loss", "f1_micro"} <= asked(client, "/models/cars")["metrics"].keys()
        assert asked(client, "/models/cars/performance")["performance"]["class"]["far"].keys() == {"0", "1"}
        # labels may be sent back as they came
        sent = [{**row, "far": str(row["far"])} for row in rows_of(cars[[*FEATURES, *LABELS]])]
        again = asked(client, "/models/cars/retrain", sent)
        assert (again["version"], again["promoted"]) == (2, True), again["reason"]


def test_a_table_alone_makes_a_model_of_several_targets_each_of_its_own_type(
    command: Command, home: Home, cars: pd.DataFrame, connect: Any
) -> None:
    cars["truth"], cars["how"] = cars.age > 5, np.where(cars.km > 50_000, "lejos", "cerca")
    cars[[*FEATURES, "truth", "how", "old"]].to_csv("cars.csv", index=False)
    status, out, err = command("new", "cars", "--data", "cars.csv", *targets(["truth", "how", "old"]))
    assert status == 0, out + err
    assert "MultiOutputClassifier(model)" in Path("models/cars/pipeline.py").read_text("utf-8")
    with served(home, connect) as client:
        table = cars[[*FEATURES, "truth", "how", "old"]]
        first = asked(client, "/models/cars/retrain", rows_of(table))
        assert (first["version"], first["promoted"]) == (1, True), first["reason"]
        (found,) = asked(client, "/models/cars/predict", rows_of(cars[FEATURES])[:1])["predictions"]
        labels = {name: list(one["scores"]) for name, one in found.items()}
        assert labels == {"truth": ["False", "True"], "how": ["cerca", "lejos"], "old": ["0", "1"]}
        # a label that never changes in the new rows is learned as it is
        again = asked(client, "/models/cars/retrain?force=true", rows_of(table.assign(old=0)))
        assert (again["version"], again["promoted"]) == (2, True), again["reason"]
        (found,) = asked(client, "/models/cars/predict", rows_of(cars[FEATURES])[:1])["predictions"]
        assert found["old"] == {"label": "0", "score": 1.0, "scores": {"0": 1.0}}


def test_rows_of_a_file_without_any_of_the_targets_are_left_out_and_noted(
    command: Command, home: Home, cars: pd.DataFrame
) -> None:
    table = cars[[*FEATURES, *NUMBERS]].astype(object)
    table.loc[[3, 5], "precio €"] = None
    table.loc[[5, 9], "a.b"] = None
    status, out, err = new_linear(command, table)
    assert status == 0, out + err
    assert "2 rows without precio € were left out" in out
    assert "1 rows without a.b were left out" in out
    status, out, err = command("train", "cars", "--data", "cars.csv")
    assert status == 0, out + err
    data = home.registry.manifest("cars", 2).data
    assert data is not None
    assert data.rows_training + data.rows_evaluation == ROWS - 3


def test_targets_in_another_order_are_found_and_not_promoted(command: Command, home: Home, cars: pd.DataFrame) -> None:
    pipeline = make_pipeline(prepared(), RandomForestClassifier(10, max_depth=4, random_state=0))
    joblib.dump(pipeline.fit(cars[FEATURES], cars[["old", "far"]]), "mine.joblib")
    cars[[*FEATURES, "old", "far"]].to_csv("cars.csv", index=False)
    status, out, _ = command("new", "cars", "--data", "cars.csv", *targets(["far", "old"]), "--pipeline", "mine.joblib")
    assert status == 1
    assert "version 1 is kept and not promoted: far: no better than guessing on 300 rows" in out
    assert "it was fitted on the targets in another order" in out
    assert "--target old --target far" in out


def test_a_pipeline_of_other_targets_is_refused_with_the_options(
    command: Command, home: Home, cars: pd.DataFrame
) -> None:
    joblib.dump(make_pipeline(prepared(), LinearRegression()).fit(cars[FEATURES], cars[NUMBERS]), "mine.joblib")
    for names, reason in (
        (["a.b"], "predicts 2 targets, and a.b is named: give a --target for each"),
        (["a.b", "a.b"], "--target a.b is given twice"),
        (["precio €", "nothing"], "the file has no such column"),
    ):
        status, _, err = command("new", "cars", "--data", "cars.csv", *targets(names), "--pipeline", "mine.joblib")
        assert (status, reason in err) == (1, True), err
    assert not Path("models/cars").exists()


def test_a_gate_compares_the_means_with_production(home: Home, command: Command, cars: pd.DataFrame) -> None:
    table = cars[[*FEATURES, *NUMBERS]]
    assert new_linear(command, table)[0] == 0
    assert 'compare = { metric = "r2"' in Path("models/cars/model.toml").read_text("utf-8")
    shuffled = table.assign(**{"a.b": np.random.default_rng(1).permutation(table["a.b"])})
    shuffled.to_csv("shuffled.csv", index=False)
    status, out, _ = command("train", "cars", "--data", "shuffled.csv", "--evaluation", "cars.csv")
    assert status == 1
    assert "not promoted: r2" in out
    assert "is worse than production's" in out


def test_a_version_of_other_targets_is_not_compared(home: Home, command: Command, cars: pd.DataFrame) -> None:
    """The mean over two targets says nothing of one of them."""
    assert new_linear(command, cars[[*FEATURES, *NUMBERS]])[0] == 0
    both = load_definitions(Path("models"))["cars"]
    one = replace(both, schema=Schema(both.schema.features, both.schema.targets[1]))
    table = read_rows(Path("cars.csv").read_bytes(), "cars.csv", one).table
    result = train(home.registry, TrainingRun(one, table))
    assert (result.promoted, result.production_metrics) == (True, None)


@pytest.mark.parametrize("is_classifier", [True, False])
def test_one_target_that_was_fitted_as_a_column_answers_as_one_and_is_trained_again(
    home: Home, command: Command, cars: pd.DataFrame, is_classifier: bool
) -> None:
    name = "old" if is_classifier else "a.b"
    several: Any = MultiOutputClassifier(LogisticRegression()) if is_classifier else RegressorChain(LinearRegression())
    pipeline = make_pipeline(prepared(), several).fit(cars[FEATURES], cars[[name]])
    joblib.dump(pipeline, "mine.joblib")
    cars[[*FEATURES, name]].to_csv("cars.csv", index=False)
    status, out, err = command("new", "cars", "--data", "cars.csv", "--target", name, "--pipeline", "mine.joblib")
    assert status == 0, out + err
    assert "version 1 is in production" in out
    served = LoadedVersion.load(home.registry, "cars", 1)
    found = served.predict(served.validate(rows_of(cars[FEATURES].head()))).predictions
    expected = pipeline.predict(cars[FEATURES].head())[:, 0]
    answers = [one["label"] for one in found] if is_classifier else found  # type: ignore[index, call-overload]
    assert answers == ([str(label) for label in expected] if is_classifier else pytest.approx(expected.tolist()))
    status, out, err = command("train", "cars", "--data", "cars.csv")
    assert status == 0, out + err
