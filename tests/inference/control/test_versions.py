"""Versions, promotion, rollback, pins, history, performance and arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import orjson
import pytest

from functions.core.clock import now
from functions.core.definition import Definition
from functions.core.storage import Storage
from functions.local.home import Home

Row = dict[str, Any]
Rows = Callable[[str], list[Row]]

CAR, CHURN = "/models/car-price", "/models/churn"


@pytest.fixture
def cars(labelled: Rows) -> list[Row]:
    return labelled("car-price")[:800]


@pytest.fixture
def retrain(client: httpx.Client) -> Callable[[list[Row]], Row]:
    """Retrains car prices and answers the result."""

    def run(rows: list[Row]) -> Row:
        answer = client.post(f"{CAR}/retrain", json=rows)
        assert answer.status_code == 200, answer.text
        data: Row = answer.json()["data"]
        return data

    return run


def put(client: httpx.Client, body: Any, status: int = 200) -> Any:
    answer = client.put(f"{CAR}/production", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()["data" if status == 200 else "errors"]


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


def test_rollback_and_promotion_change_the_very_next_prediction(
    client: httpx.Client, retrain: Callable[[list[Row]], Row], cars: list[Row]
) -> None:
    instance = {name: value for name, value in cars[0].items() if name != "selling_price"}

    def predict() -> tuple[int, float]:
        data = client.post(f"{CAR}/predict", json=instance).json()["data"]
        return data["version"], data["predictions"][0]

    first = predict()
    retrain(cars)
    second = predict()
    assert [first[0], second[0]] == [1, 2]
    for version, expected in ((1, first), (2, second), (1, first)):
        production = put(client, {"version": version})
        assert (production["version"], production["previous"]) == (version, 3 - version)
        assert predict() == expected


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda storage, folder: storage.delete(f"{folder}/model.onnx"), "model.onnx is missing"),
        (lambda storage, folder: storage.write(f"{folder}/model.onnx", b"other"), "model.onnx has 5 bytes"),
        (lambda storage, folder: change_manifest(storage, folder, example={}), "does not take its own example"),
        (
            lambda storage, folder: change_manifest(storage, folder, limits={"max_instances": "many"}),
            "a whole number is expected",
        ),
    ],
    ids=["missing", "size", "example", "limit"],
)
def test_a_version_that_is_seen_to_be_damaged_is_not_promoted(
    client: httpx.Client, home: Home, damage: Callable[[Storage, str], object], reason: str
) -> None:
    before = home.registry.pointer("car-price")
    damage(home.registry.storage, "models/car-price/versions/1")
    answer = client.put(f"{CAR}/production", json={"version": 1})
    assert answer.status_code == 503
    (error,) = answer.json()["errors"]
    assert error["type"] == "damaged_version"
    assert reason in error["msg"]
    assert home.registry.pointer("car-price") == before


def change_manifest(storage: Storage, folder: str, **changes: Any) -> None:
    manifest = orjson.loads(storage.read(f"{folder}/manifest.json").body)
    storage.write(f"{folder}/manifest.json", orjson.dumps({**manifest, **changes}))


def test_a_promotion_shows_its_actor_and_the_version_before(client: httpx.Client) -> None:
    before = now()
    production = put(client, {"version": 1})
    assert production.keys() == {"version", "serial", "previous", "actor", "time", "pinned"}
    assert (production["serial"], production["previous"], production["pinned"]) == (2, 1, False)
    assert production["actor"] == "local"
    assert before <= production["time"] <= now()


def test_history_lists_every_promotion_newest_first(
    client: httpx.Client, retrain: Callable[[list[Row]], Row], cars: list[Row]
) -> None:
    retrain(cars)
    put(client, {"version": 1, "pin": True})
    found = get(client, f"{CAR}/history")
    assert [(one["serial"], one["version"], one["previous"], one["pinned"]) for one in found["history"]] == [
        (3, 1, 2, True),
        (2, 2, 1, False),
        (1, 1, None, False),
    ]
    page = get(client, f"{CAR}/history?page=2&page_size=1")
    assert (page["history"], page["total"]) == ([found["history"][1]], 3)


def test_a_pinned_version_stays_until_it_is_unpinned(
    client: httpx.Client, retrain: Callable[[list[Row]], Row], cars: list[Row]
) -> None:
    assert put(client, {"version": 1, "pin": True})["pinned"] is True
    kept = retrain(cars)
    assert (kept["promoted"], kept["reason"]) == (False, "version 1 is pinned in production")
    assert get(client, CAR)["version"] == 1
    put(client, {"version": 1})
    assert retrain(cars)["promoted"] is True


def test_a_pin_holds_against_force_and_not_against_a_person(
    client: httpx.Client, labelled: Rows, cars: list[Row]
) -> None:
    put(client, {"version": 1, "pin": True})
    forced = client.post(f"{CAR}/retrain?force=true", json=cars).json()["data"]
    assert forced["promoted"] is False
    assert put(client, {"version": forced["version"]})["version"] == 2


def test_an_unknown_version_is_not_found_and_changes_nothing(client: httpx.Client) -> None:
    (error,) = put(client, {"version": 7}, 404)
    assert error["msg"] == "no version 7; list the versions of car-price"
    assert get(client, f"{CAR}/history")["total"] == 1


@pytest.mark.parametrize(
    ("body", "loc"),
    [
        ({}, ["body", "version"]),
        ({"version": "1"}, ["body", "version"]),
        ({"version": True}, ["body", "version"]),
        ({"version": 1.5}, ["body", "version"]),
        ({"version": 0}, ["body", "version"]),
        ({"version": None}, ["body", "version"]),
        ({"version": 1, "pin": "yes"}, ["body", "pin"]),
        ({"version": 1, "pin": 1}, ["body", "pin"]),
        ({"version": 1, "pinned": True}, ["body", "pinned"]),
        ([1], ["body"]),
    ],
)
def test_a_promotion_is_strict_about_its_body(client: httpx.Client, body: Any, loc: list[str]) -> None:
    assert [error["loc"] for error in put(client, body, 422)] == [loc]
    assert get(client, f"{CAR}/history")["total"] == 1


def test_a_promotion_is_json(client: httpx.Client) -> None:
    answer = client.put(f"{CAR}/production", content=b'{"version": 1}', headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
    assert get(client, f"{CAR}/history")["total"] == 1


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
    put(client, {"version": 2}, 404)
