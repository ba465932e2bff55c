"""Retraining over HTTP: answers, versions and refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from functions.core.definition import Definition
from functions.core.errors import ParityError
from functions.local.application import local_application
from functions.local.home import Home
from tests.inference.control.retraining import (
    ASYNC,
    CAR,
    CHURN,
    REGRESSION,
    Connect,
    Row,
    Rows,
    finished,
    post,
    version_of,
)

Training = Callable[..., AbstractContextManager[None]]
RETRAINED = {
    "job",
    "version",
    "promoted",
    "reason",
    "metrics",
    "production_metrics",
    "rows",
    "measured_on",
    "in_production",
}
CLASSIFICATION = {"accuracy", "precision", "recall", "f1", "roc_auc", "log_loss"}


@pytest.fixture
def mislabelled(labelled: Rows) -> list[Row]:
    """Customers with labels by turns: no gate lets a model of them pass."""
    rows = labelled("churn")[:600]
    return [{**row, "churn": "yes" if index % 2 else "no"} for index, row in enumerate(rows)]


def test_a_retrain_answers_its_result_and_the_next_prediction_uses_it(client: httpx.Client, cars: list[Row]) -> None:
    instance = {name: value for name, value in cars[0].items() if name != "selling_price"}
    before = post(client, f"{CAR}/predict", instance)
    data = post(client, f"{CAR}/retrain", cars)
    after = post(client, f"{CAR}/predict", instance)
    assert data.keys() == RETRAINED
    assert (data["version"], data["promoted"]) == (2, True)
    assert data["metrics"].keys() == data["production_metrics"].keys() == REGRESSION
    assert data["rows"].keys() == {"training", "evaluation"}
    assert sum(data["rows"].values()) == len(cars)
    assert (before["version"], after["version"]) == (1, 2)
    assert before["predictions"] != after["predictions"]


def test_instances_under_their_name_and_ids_are_accepted(client: httpx.Client, labelled: Rows) -> None:
    rows = [{**row, "customerid": f"customer-{index}"} for index, row in enumerate(labelled("churn")[:1500])]
    data = post(client, f"{CHURN}/retrain", {"instances": rows})
    assert data["metrics"].keys() == data["production_metrics"].keys() == CLASSIFICATION
    assert sum(data["rows"].values()) == 1500


def test_the_gate_keeps_a_worse_version_and_says_why(client: httpx.Client, mislabelled: list[Row]) -> None:
    data = post(client, f"{CHURN}/retrain", mislabelled)
    assert (data["version"], data["promoted"]) == (2, False)
    assert "roc_auc" in data["reason"]
    assert "below the floor 0.75" in data["reason"]
    assert version_of(client, CHURN) == 1
    assert client.get(f"{CHURN}/versions/2").status_code == 200


def test_the_same_rows_again_are_the_same_job_while_production_stays(
    client: httpx.Client, mislabelled: list[Row]
) -> None:
    first, again = (post(client, f"{CHURN}/retrain", mislabelled) for _ in range(2))
    assert first == again
    assert client.get(f"{CHURN}/versions").json()["data"]["total"] == 2


def test_force_promotes_past_the_gate(client: httpx.Client, mislabelled: list[Row]) -> None:
    refused = post(client, f"{CHURN}/retrain", mislabelled)
    forced = post(client, f"{CHURN}/retrain?force=true", mislabelled)
    assert (refused["promoted"], forced["promoted"]) == (False, True)
    assert refused["job"] != forced["job"]
    assert forced["reason"] == "forced past the gate"
    assert version_of(client, CHURN) == forced["version"]


def test_replace_trains_on_the_new_rows_and_extend_on_productions_as_well(
    client: httpx.Client, labelled: Rows, cars: list[Row]
) -> None:
    everything = len(labelled("car-price"))
    extended = post(client, f"{CAR}/retrain?mode=extend", cars[:100])
    again = post(client, f"{CAR}/retrain?mode=extend", cars[:50])
    replaced = post(client, f"{CAR}/retrain?mode=replace", cars)
    totals = [sum(data["rows"].values()) for data in (extended, again, replaced)]
    assert totals == [everything + 100, everything + 150, len(cars)]
    data = client.get(f"{CAR}/versions/{extended['version']}").json()["data"]["data"]
    assert (data["mode"], data["rows_training"]) == ("extend", extended["rows"]["training"])


@pytest.mark.parametrize(("query", "loc"), [("mode=append", ["query", "mode"]), ("force=perhaps", ["query", "force"])])
def test_unknown_options_are_refused(idle: httpx.Client, cars: list[Row], query: str, loc: list[str]) -> None:
    (error,) = post(idle, f"{CAR}/retrain?{query}", cars, 422)
    assert error["loc"] == loc


@pytest.mark.parametrize(
    ("wrap", "prefix"),
    [(lambda rows: rows, ["body"]), (lambda rows: {"instances": rows}, ["body", "instances"])],
    ids=["array", "instances"],
)
def test_bad_rows_are_refused_at_once_with_every_fault(
    idle: httpx.Client, cars: list[Row], wrap: Callable[[list[Row]], Any], prefix: list[str]
) -> None:
    cars[3] = {**cars[3], "year": "2014", "selling_price": None}
    del cars[7]["selling_price"]
    errors = post(idle, f"{CAR}/retrain", wrap(cars), 422)
    assert {(*error["loc"], error["type"]) for error in errors} == {
        (*prefix, 3, "year", "integer_type"),
        (*prefix, 3, "selling_price", "number_type"),
        (*prefix, 7, "selling_price", "missing"),
    }
    assert idle.get(f"{CAR}/jobs").json()["data"]["total"] == 0


@pytest.mark.parametrize(
    ("wrap", "prefix"),
    [
        (lambda rows: rows[0], ["body"]),
        (lambda rows: rows[:19], ["body"]),
        (lambda rows: [], ["body"]),
        (lambda rows: {"instances": rows[:1]}, ["body", "instances"]),
    ],
    ids=["single", "array", "none", "instances"],
)
def test_too_few_rows_are_refused_at_once(
    idle: httpx.Client, cars: list[Row], wrap: Callable[[list[Row]], Any], prefix: list[str]
) -> None:
    (error,) = post(idle, f"{CAR}/retrain", wrap(cars), 422)
    assert (error["loc"], error["type"]) == (prefix, "too_short")
    assert "at least 20" in error["msg"]


@pytest.mark.parametrize(
    ("rows", "msg"),
    [
        (39_167, "39167 instances are more than 39166: send a file by POST .../uploads"),
        (1_500_000, "1500000 instances are more than 39166: send a file by POST .../uploads"),
    ],
)
def test_more_rows_than_a_request_can_spell_are_too_large(idle: httpx.Client, rows: int, msg: str) -> None:
    body = b"[%b]" % b",".join([b"{}"] * rows)
    answer = idle.post(f"{CHURN}/retrain", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["errors"][0]["msg"]) == (413, msg)
    assert idle.get(f"{CHURN}/jobs").json()["data"]["total"] == 0


def test_a_few_rows_may_extend_what_they_could_not_replace(client: httpx.Client, cars: list[Row]) -> None:
    extended = post(client, f"{CAR}/retrain?mode=extend", cars[:5])
    assert sum(extended["rows"].values()) == 2505


def test_an_extension_without_rows_is_refused_at_once(idle: httpx.Client) -> None:
    (error,) = post(idle, f"{CAR}/retrain?mode=extend", [], 422)
    assert (error["loc"], error["type"]) == (["body"], "too_short")


def test_rows_of_one_class_are_refused_by_the_job(client: httpx.Client, labelled: Rows) -> None:
    rows = [row for row in labelled("churn") if row["churn"] == "no"][:100]
    (error,) = post(client, f"{CHURN}/retrain", rows, 422)
    assert (error["loc"], error["type"]) == (["churn"], "single_class")
    (job,) = client.get(f"{CHURN}/jobs").json()["data"]["jobs"]
    assert (job["state"], job["version"], job["errors"]) == ("refused", None, [error])
    assert client.get(f"{CHURN}/versions").json()["data"]["total"] == 1


@pytest.mark.parametrize("path", ["retrain", "uploads"])
def test_a_model_that_is_trained_elsewhere_cannot_be_retrained(
    home: Home, definitions: Mapping[str, Definition], connect: Connect, cars: list[Row], path: str
) -> None:
    fixed = {name: replace(definition, retrainable=False) for name, definition in definitions.items()}
    client = connect(local_application(home, fixed, base_url="http://localhost"))
    answer = client.post(f"{CAR}/{path}", json=cars if path == "retrain" else {})
    assert answer.status_code == 409
    assert "publish" in answer.json()["errors"][0]["msg"]


def test_a_failed_job_is_answered_with_500_and_the_same_request_starts_it_again(
    idle: httpx.Client, home: Home, training: Training, cars: list[Row]
) -> None:
    def fail(*_: object) -> None:
        raise ParityError("they differ")

    with training(home, train=fail):
        (error,) = post(idle, f"{CAR}/retrain", cars, 500)
    assert "ParityError: they differ" in error["msg"]
    assert version_of(idle, CAR) == 1
    with training(home):
        assert post(idle, f"{CAR}/retrain", cars)["version"] == 2


FUTURE = "2999-01-01T00:00:00.000000Z"


def test_rows_sent_before_production_changed_are_superseded(
    idle: httpx.Client, home: Home, training: Training, cars: list[Row]
) -> None:
    key = {"Idempotency-Key": "rows of today"}
    job = post(idle, f"{CAR}/retrain", cars, 202, headers=ASYNC | key)["job"]
    registry = home.registry
    registry.promote("car-price", 1, actor="test", expected=registry.pointer("car-price"), data_time=FUTURE)
    with training(home):
        assert finished(idle, f"{CAR}/jobs/{job}")["state"] == "superseded"
    (error,) = post(idle, f"{CAR}/retrain", cars, 409, headers=key)
    assert "newer than these rows" in error["msg"]


def test_a_promotion_by_a_clock_that_was_ahead_blocks_no_later_retrain(
    client: httpx.Client, home: Home, cars: list[Row]
) -> None:
    registry = home.registry
    registry.promote("car-price", 1, actor="test", expected=registry.pointer("car-price"), data_time=FUTURE)
    assert post(client, f"{CAR}/retrain", cars)["version"] == 2
    assert post(client, f"{CAR}/retrain?force=true", cars)["promoted"] is True
