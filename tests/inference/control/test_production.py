"""Production, promotion, rollback, pins and history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import orjson
import pytest

from functions.core.clock import now
from functions.core.storage import Storage
from functions.local.home import Home

Row = dict[str, Any]

CAR, CHURN = "/models/car-price", "/models/churn"


def put(client: httpx.Client, body: Any, status: int = 200) -> Any:
    answer = client.put(f"{CAR}/production", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()["data" if status == 200 else "errors"]


def get(client: httpx.Client, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


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
    kept = {"version", "serial", "previous", "actor", "time", "pinned"}
    assert production.keys() == {*kept, "reason", "in_production"}
    assert (production["serial"], production["previous"], production["pinned"]) == (2, 1, False)
    assert (production["reason"], production["in_production"]) == ("chosen by hand", True)
    assert production["actor"] == "local"
    assert before <= production["time"] <= now()


def test_production_shows_the_version_that_serves_since_when_by_whom_why_and_what_was_measured_on(
    client: httpx.Client, retrain: Callable[[list[Row]], Row], cars: list[Row]
) -> None:
    trained = retrain(cars)
    found = get(client, f"{CAR}/production")
    last, version = get(client, f"{CAR}/history")["history"][0], get(client, f"{CAR}/versions/2")
    assert {name: found[name] for name in last} == last
    assert {name: found[name] for name in ("task", "created", "metrics", "metrics_in_sample", "data")} == {
        name: version[name] for name in ("task", "created", "metrics", "metrics_in_sample", "data")
    }
    assert found["measured_on"] == {"rows": trained["rows"]["evaluation"], "in_sample": False}
    assert (found["model"], found["reason"]) == ("car-price", "the gate let it pass")
    put(client, {"version": 1})
    assert (get(client, f"{CAR}/production")["version"], get(client, f"{CAR}/production/")["previous"]) == (1, 2)


def test_production_is_not_ready_before_the_first_promotion(client: httpx.Client, home: Home) -> None:
    home.registry.storage.delete("models/car-price/production.json")
    answer = client.get(f"{CAR}/production")
    assert (answer.status_code, answer.headers["Retry-After"].isdigit()) == (503, True)
    assert "has no version in production yet" in answer.json()["errors"][0]["msg"]


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
    assert [one["in_production"] for one in found["history"]] == [True, False, False]
    assert [one["reason"] for one in found["history"][:2]] == ["chosen by hand", "the gate let it pass"]
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


def test_a_pin_holds_against_force_and_not_against_a_person(client: httpx.Client, cars: list[Row]) -> None:
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
