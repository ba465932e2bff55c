"""Versions, performance and arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from functions.core.definition import Definition
from functions.local.home import Home

Row = dict[str, Any]

CAR, CHURN = "/models/car-price", "/models/churn"


def get(client: httpx.Client, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_a_version_shows_its_metrics_data_and_parity(reading: httpx.Client) -> None:
    found = get(reading, f"{CHURN}/versions/1")
    assert found["version"] == 1
    assert found["task"] == "tabular-classification"
    assert found["metrics"]["roc_auc"] > 0.75
    assert len(found["data"]["digest"]) == 64
    assert found["data"]["rows_training"] + found["data"]["rows_evaluation"] == 2800
    assert found["parity"]["different_labels"] == 0
    assert found["parity"]["max_relative_difference"] <= 1e-9
    assert found["parity"]["edge_rows"] > 0
    assert {"model.onnx", "model.joblib", "performance.json"} <= found["artifacts"].keys()
    assert {"python", "scikit-learn", "onnxruntime"} <= found["libraries"].keys()


def test_versions_are_listed_newest_first_in_pages(
    client: httpx.Client, retrain: Callable[[list[Row]], Row], cars: list[Row]
) -> None:
    for start in range(2):
        retrain(cars[start:])
    pages = [get(client, f"{CAR}/versions?page={page}&page_size=2") for page in (1, 2, 3)]
    assert [[one["version"] for one in page["versions"]] for page in pages] == [[3, 2], [1], []]
    assert {page["total"] for page in pages} == {3}
    assert "artifacts" not in pages[0]["versions"][0]


def test_versions_say_whether_they_were_promoted_why_and_what_was_measured_on(
    client: httpx.Client, retrain: Callable[[list[Row]], Row], cars: list[Row], home: Home
) -> None:
    trained = retrain(cars)
    prices = [row["selling_price"] for row in cars]
    wrong = [{**row, "selling_price": price} for row, price in zip(cars, reversed(prices), strict=True)]
    refused = retrain(wrong)
    verdicts = [(one["promoted"], one["reason"], one["in_production"]) for one in (trained, refused)]
    assert verdicts == [(True, "the gate let it pass", True), (False, refused["reason"], False)]
    assert "below the floor" in refused["reason"]
    newest, before, _ = get(client, f"{CAR}/versions")["versions"]
    for listed, result in ((newest, refused), (before, trained)):
        facts = {name: listed[name] for name in ("promoted", "reason", "in_production", "measured_on")}
        assert facts == {name: result[name] for name in facts}
        assert listed["measured_on"] == {"rows": result["rows"]["evaluation"], "in_sample": False}
        version = get(client, f"{CAR}/versions/{listed['version']}")
        assert {name: version[name] for name in facts} == facts
        assert version["production_metrics"] == result["production_metrics"]
        (job,) = [one for one in get(client, f"{CAR}/jobs")["jobs"] if one["version"] == listed["version"]]
        assert {name: job[name] for name in facts} == facts
        assert get(client, f"{CAR}/jobs/{job['job']}")["in_production"] == facts["in_production"]
    model = get(client, CAR)
    assert {name: model[name] for name in facts} == facts
    assert get(client, f"{CAR}/performance")["measured_on"] == facts["measured_on"]
    assert client.put(f"{CAR}/production", json={"version": newest["version"]}).status_code == 200
    assert get(client, f"{CAR}/production")["reason"] == f"chosen by hand, against: {refused['reason']}"


def test_versions_of_an_older_release_have_no_verdict(
    client: httpx.Client, retrain: Callable[[list[Row]], Row], cars: list[Row], home: Home
) -> None:
    retrain(cars)
    for version in (1, 2):
        home.registry.storage.delete(f"models/car-price/versions/{version}/verdict.json")
    home.registry.storage.delete("models/car-price/verdicts/0.json")
    serves, before = get(client, f"{CAR}/versions")["versions"]
    assert (serves["promoted"], serves["in_production"]) == (True, True)
    assert (before["promoted"], before["reason"], before["in_production"]) == (None, None, False)


def test_performance_has_overall_classes_and_slices(reading: httpx.Client) -> None:
    found = get(reading, f"{CHURN}/performance")["performance"]
    assert found.keys() == {"overall", "class", "slices"}
    assert found["overall"]["rows"] == 559
    assert found["class"].keys() == {"no", "yes"}
    assert sum(one["rows"] for one in found["class"].values()) == found["overall"]["rows"]
    assert {"contract=month-to-month", "seniorcitizen=1"} <= found["slices"].keys()
    assert found["slices"]["contract=one_year"].keys() >= {"accuracy", "rows"}


@pytest.mark.parametrize("name", ["overall", "class", "slices"])
def test_performance_can_be_filtered(reading: httpx.Client, name: str) -> None:
    whole = get(reading, f"{CAR}/performance")["performance"]
    assert get(reading, f"{CAR}/performance?filter={name}")["performance"] == whole[name]


def test_an_unknown_filter_is_refused_with_the_known_ones(reading: httpx.Client) -> None:
    answer = reading.get(f"{CAR}/performance?filter=best")
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["msg"] == "no filter 'best'; known: class, overall, slices"


def test_overall_performance_is_what_the_version_was_measured_at(reading: httpx.Client) -> None:
    overall = get(reading, f"{CAR}/performance?filter=overall")["performance"]
    assert {name: value for name, value in overall.items() if name != "rows"} == get(reading, CAR)["metrics"]


def test_args_belong_to_the_version_in_production(reading: httpx.Client, definitions: Mapping[str, Definition]) -> None:
    expected = dict(definitions["car-price"].args)
    assert get(reading, f"{CAR}/args") == {"args": expected}
    for name, value in expected.items():
        assert get(reading, f"{CAR}/args/{name}") == {name: value}


def test_an_unknown_argument_is_refused_with_the_known_ones(reading: httpx.Client) -> None:
    answer = reading.get(f"{CHURN}/args/learning_rate")
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["msg"] == "no argument 'learning_rate'; known: C, max_iter, solver"


def test_a_version_that_was_only_claimed_does_not_exist(client: httpx.Client, home: Home) -> None:
    assert home.registry.claim("car-price") == 2
    assert client.get(f"{CAR}/versions/2").status_code == 404
    assert get(client, f"{CAR}/versions")["total"] == 1
    assert client.put(f"{CAR}/production", json={"version": 2}).status_code == 404
