"""despliegue new: from a table to a proposal that is trained and answers over HTTP, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from functions.core.model_folder import load_definitions
from functions.local.home import Home
from tests.commands import customer_models, empty_home
from tests.commands.customer_models import FEATURES, assert_retrains, instances
from tests.commands.empty_home import Command
from tests.commands.serving import served

home, command, customers = empty_home.home, empty_home.command, customer_models.customers


def test_a_proposal_is_served_and_retrained(
    command: Command, home: Home, customers: pd.DataFrame, connect: Any
) -> None:
    status, out, err = command("new", "leavers", "--data", "customers.csv", "--target", "left")
    assert status == 0, err
    assert "customer_id identifies the rows" in out
    assert "country is left out: all rows have the same value" in out
    assert command("train", "leavers")[0] == 0
    with served(home, connect) as client:
        answer = client.post(
            "/models/leavers/predict", json=json.loads(Path("models/leavers/examples.json").read_text(encoding="utf-8"))
        )
        assert answer.json()["data"]["ids"][0].startswith("c0")
        assert_retrains(client, "leavers", instances(customers[[*FEATURES, "left"]]))


def test_columns_of_odd_names_are_served_and_retrained(
    command: Command, home: Home, customers: pd.DataFrame, connect: Any
) -> None:
    """Quotes and line breaks are no names for msgspec, and `instances` would be ambiguous in a body."""
    names = {"town": 'to"wn\\', "plan": "pl\nan: 😀", "age": "texts", "income": "instances", "visits": "vi=sits"}
    table = customers[[*names, "left"]].rename(columns=names)
    table.to_csv("customers.csv", index=False)
    arguments = ("new", "leavers", "--data", "customers.csv", "--target", "left")
    status, _, err = command(*arguments)
    assert status == 1
    assert "pass --rename instances=instances_column" in err
    renames = ("--rename", "instances=income", "--rename", "vi=sits=visits")
    assert command(*arguments, *renames)[0] == 0
    assert command("train", "leavers")[0] == 0
    features = table.drop(columns="left").rename(columns={"instances": "income", "vi=sits": "visits"})
    with served(home, connect) as client:
        rows = instances(features)[:5]
        for body in (rows, rows[0], {"instances": rows}):
            answer = client.post("/models/leavers/predict", json=body)
            assert answer.status_code == 200, answer.text
        properties = client.get("/models/leavers").json()["data"]["schema"]["properties"]
        assert list(properties) == list(features)
        assert client.get("/openapi.json").status_code == 200
        assert_retrains(client, "leavers", instances(features.assign(left=table.left)))


def test_rows_stay_out_of_the_folder_on_request(command: Command, customers: pd.DataFrame) -> None:
    assert command("new", "leavers", "--data", "customers.csv", "--target", "left", "--no-sample")[0] == 0
    assert sorted(path.name for path in Path("models/leavers").iterdir()) == [
        "examples.json",
        "model.toml",
        "pipeline.py",
    ]


def test_a_spreadsheet_of_another_country_is_read_alike(command: Command, customers: pd.DataFrame) -> None:
    customers["income"] = customers["income"].round(2)
    customers.to_csv("customers.csv", index=False)
    customers.to_csv("clientes.csv.gz", index=False, sep=";", decimal=",", encoding="utf-16")
    status, out, err = command("new", "clientes", "--data", "clientes.csv.gz", "--target", "left")
    assert status == 0, err
    for message in ("unpacked with gzip", "read as UTF-16", "separated by semicolons", "income: ',' is the decimal"):
        assert message in out
    assert command("new", "customers", "--data", "customers.csv", "--target", "left")[0] == 0
    spelled = load_definitions(Path("models"))
    assert spelled["clientes"].schema.feature_names == spelled["customers"].schema.feature_names
    assert spelled["clientes"].schema.string_names == spelled["customers"].schema.string_names
    assert spelled["clientes"].examples == spelled["customers"].examples


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("Leavers", "--target", "left"), "'Leavers' cannot name a model"),
        (("leavers", "--target", "LEFT"), "did you mean 'left'?"),
        (("leavers", "--target", "left", "--task", "tabular-regression"), "a regression predicts numbers"),
        (("leavers", "--target", "left", "--code", "mine.py"), "pass --pipeline too, or leave out --code"),
        (("leavers", "--target", "left", "--pipeline", "none.joblib"), "none.joblib: cannot be read"),
        (("leavers", "--target", "left", "--rename", "instances"), "--rename 'instances': write OLD=NEW"),
        (("leavers", "--target", "left", "--rename", "gone=x"), 'column "gone": the file has no such column'),
        (("leavers", "--target", "left", "--rename", "plan=instances"), "pass --rename instances=instances_column"),
    ],
)
def test_wrong_options_are_refused_and_nothing_is_written(
    command: Command, customers: pd.DataFrame, arguments: tuple[str, ...], message: str
) -> None:
    status, _, err = command("new", *arguments, "--data", "customers.csv")
    assert status == 1
    assert message in err
    assert not Path("models").exists()


def test_a_folder_that_is_there_is_left_alone(command: Command, customers: pd.DataFrame) -> None:
    Path("models/leavers").mkdir(parents=True)
    status, _, err = command("new", "leavers", "--data", "customers.csv", "--target", "left")
    assert status == 1
    assert "models/leavers exists already" in err
    assert list(Path("models/leavers").iterdir()) == []
