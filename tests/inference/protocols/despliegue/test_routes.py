"""The route POST /models/{model}/predict: bodies, order, ids, warnings and refusals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.definition import Definition
from tests.generated import examples

Row = dict[str, Any]
Rows = Callable[[str], list[Row]]

CHURN, CAR = "/models/churn/predict", "/models/car-price/predict"
MODELS = ("churn", "car-price")
PRINTABLE = st.characters(categories=("L", "M", "N", "P", "S"), include_characters=" ")
CAR_INSTANCES = st.fixed_dictionaries(
    {
        "name": st.text(PRINTABLE, min_size=1, max_size=30),
        "year": st.integers(1950, 2100),
        "seller_type": st.sampled_from(["Individual", "Dealer", "Trustmark Dealer", "a stranger"]),
        "transmission": st.sampled_from(["Manual", "Automatic"]),
    },
    optional={
        "km_driven": st.none() | st.integers(0, 2**53),
        "fuel": st.none() | st.sampled_from(["Petrol", "Diesel", "CNG", "ñandú"]),
        "owner": st.none() | st.sampled_from(["First Owner", "Test Drive Car", "nobody"]),
    },
)


@pytest.fixture
def car(definitions: Mapping[str, Definition]) -> Row:
    return dict(definitions["car-price"].examples[0])


@pytest.fixture
def customer(definitions: Mapping[str, Definition]) -> Row:
    return dict(definitions["churn"].examples[0])


def data_of(client: httpx.Client, path: str, body: Any) -> Any:
    answer = client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def assert_equal(found: list[Any], expected: list[Any]) -> None:
    """Compare labels exactly, and numbers but for the last digits: the order of a sum depends on the batch."""
    assert labels_of(found) == labels_of(expected)
    assert numbers_of(found) == pytest.approx(numbers_of(expected), rel=1e-9, abs=1e-12)


def labels_of(predictions: list[Any]) -> list[str | None]:
    return [one["label"] if isinstance(one, dict) else None for one in predictions]


def numbers_of(predictions: list[Any]) -> list[float]:
    return [value for one in predictions for value in (one["scores"].values() if isinstance(one, dict) else [one])]


def errors_of(client: httpx.Client, path: str, body: Any) -> Any:
    answer = client.post(path, json=body)
    assert answer.status_code == 422, answer.text
    return answer.json()["errors"]


def test_regression_predicts_a_number(reading: httpx.Client, car: Row) -> None:
    data = data_of(reading, CAR, car)
    assert data.keys() == {"model", "version", "predictions", "warnings"}
    assert (data["model"], data["version"], data["warnings"]) == ("car-price", 1, [[]])
    assert [type(value) for value in data["predictions"]] == [float]


def test_classification_predicts_a_label_with_its_score_and_all_scores(reading: httpx.Client, customer: Row) -> None:
    (found,) = data_of(reading, CHURN, customer)["predictions"]
    assert found.keys() == {"label", "score", "scores"}
    assert found["scores"].keys() == {"no", "yes"}
    assert sum(found["scores"].values()) == pytest.approx(1, abs=1e-12)
    assert found["score"] == found["scores"][found["label"]] == max(found["scores"].values())


@pytest.mark.parametrize("model", MODELS)
def test_one_instance_an_array_and_instances_answer_alike(reading: httpx.Client, instances: Rows, model: str) -> None:
    one = instances(model)[7]
    answers = [data_of(reading, f"/models/{model}/predict", body) for body in (one, [one], {"instances": [one]})]
    assert answers[0] == answers[1] == answers[2]
    assert len(answers[0]["predictions"]) == 1


@pytest.mark.parametrize("model", MODELS)
@examples(25)
@given(chosen=st.lists(st.integers(0, 1999), min_size=1, max_size=12))
def test_a_batch_in_any_order_equals_its_instances_one_by_one(
    reading: httpx.Client, instances: Rows, model: str, chosen: list[int]
) -> None:
    rows, path = instances(model), f"/models/{model}/predict"
    batch = data_of(reading, path, [rows[index] for index in chosen])["predictions"]
    assert_equal(batch, [data_of(reading, path, rows[index])["predictions"][0] for index in chosen])


@pytest.mark.parametrize("model", MODELS)
@examples(10)
@given(order=st.permutations(range(40)))
def test_predictions_keep_the_order_of_the_instances(
    reading: httpx.Client, instances: Rows, model: str, order: list[int]
) -> None:
    rows, path = instances(model)[:40], f"/models/{model}/predict"
    straight = data_of(reading, path, rows)["predictions"]
    shuffled = data_of(reading, path, {"instances": [rows[index] for index in order]})["predictions"]
    assert_equal(shuffled, [straight[index] for index in order])


@pytest.mark.parametrize("model", MODELS)
def test_a_batch_of_thousands_equals_its_parts(reading: httpx.Client, instances: Rows, model: str) -> None:
    rows, path = instances(model)[:2000], f"/models/{model}/predict"
    whole = data_of(reading, path, rows)["predictions"]
    parts = [data_of(reading, path, rows[start : start + 200])["predictions"] for start in range(0, 2000, 200)]
    assert_equal(whole, [one for part in parts for one in part])


@examples(100)
@given(rows=st.lists(CAR_INSTANCES, min_size=1, max_size=20))
def test_a_car_price_is_never_negative(reading: httpx.Client, rows: list[Row]) -> None:
    predictions = data_of(reading, CAR, rows)["predictions"]
    assert len(predictions) == len(rows)
    assert min(predictions) >= 0


def test_ids_are_echoed_in_order_and_null_where_absent(reading: httpx.Client, customer: Row) -> None:
    without = {name: value for name, value in customer.items() if name != "customerid"}
    rows = [{**without, "customerid": "b"}, without, {**without, "customerid": 7}, {**without, "customerid": None}]
    assert data_of(reading, CHURN, rows)["ids"] == ["b", None, 7, None]


def test_ids_do_not_change_the_prediction(reading: httpx.Client, customer: Row) -> None:
    found = data_of(reading, CHURN, [{**customer, "customerid": name} for name in ("a", "b")])
    assert found["predictions"][0] == found["predictions"][1]


def test_no_ids_where_none_was_sent(reading: httpx.Client, customer: Row) -> None:
    del customer["customerid"]
    assert "ids" not in data_of(reading, CHURN, [customer, customer])


@pytest.mark.parametrize("wrong", [1.5, True, ["a"], {}])
def test_an_id_is_a_string_or_an_integer(reading: httpx.Client, customer: Row, wrong: object) -> None:
    (error,) = errors_of(reading, CHURN, {**customer, "customerid": wrong})
    assert error["loc"] == ["body", "customerid"]
    assert error["type"] == "id_type"


@pytest.mark.parametrize("missing", [{"km_driven": None}, {}])
def test_a_missing_value_of_a_nullable_feature_is_a_warning(
    reading: httpx.Client, car: Row, missing: dict[str, None]
) -> None:
    del car["km_driven"]
    (warnings,) = data_of(reading, CAR, {**car, **missing})["warnings"]
    assert [(one["loc"], one["type"]) for one in warnings] == [(["km_driven"], "missing_value")]


def test_unusual_values_are_warnings_of_their_own_instance(reading: httpx.Client, car: Row) -> None:
    odd = {**car, "fuel": "Hydrogen", "km_driven": 40_000_000}
    warnings = data_of(reading, CAR, [car, odd, car])["warnings"]
    assert warnings[0] == warnings[2] == []
    by_name = {one["loc"][0]: one for one in warnings[1]}
    assert {name: one["type"] for name, one in by_name.items()} == {"fuel": "unseen_level", "km_driven": "out_of_range"}
    assert "Hydrogen" in by_name["fuel"]["msg"]
    assert "40000000" in by_name["km_driven"]["msg"]


def test_a_name_of_free_text_is_never_a_warning(reading: httpx.Client, car: Row) -> None:
    assert data_of(reading, CAR, {**car, "name": "日本 一号 & Söhne"})["warnings"] == [[]]


def test_a_whole_float_is_an_integer(reading: httpx.Client, car: Row) -> None:
    found = data_of(reading, CAR, [{**car, "year": 2014}, {**car, "year": 2014.0}])
    assert found["predictions"][0] == found["predictions"][1]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("2014", "integer_type"),
        (True, "integer_type"),
        (2014.5, "int_from_float"),
        (None, "integer_type"),
        ([2014], "integer_type"),
        (1949, "greater_than_equal"),
        (2101, "less_than_equal"),
        (10**30, "less_than_equal"),
    ],
)
def test_what_is_no_year_is_refused(reading: httpx.Client, car: Row, value: object, kind: str) -> None:
    (error,) = errors_of(reading, CAR, {**car, "year": value})
    assert (error["loc"], error["type"]) == (["body", "year"], kind)


def test_a_level_outside_a_closed_list_is_refused_with_the_nearest(reading: httpx.Client, customer: Row) -> None:
    near, far = errors_of(reading, CHURN, [{**customer, "contract": level} for level in ("Month-to-month", "never")])
    assert (near["loc"], far["loc"]) == (["body", 0, "contract"], ["body", 1, "contract"])
    assert "did you mean 'month-to-month'" in near["msg"]
    assert "'one_year'" in far["msg"]


def test_a_known_level_in_another_spelling_is_refused_with_its_name(reading: httpx.Client, car: Row) -> None:
    (error,) = errors_of(reading, CAR, {**car, "fuel": " petrol"})
    assert error["type"] == "near_level"
    assert "'Petrol'" in error["msg"]


@pytest.mark.parametrize(
    ("wrap", "prefix"),
    [
        (lambda one: one, ["body"]),
        (lambda one: [one], ["body", 0]),
        (lambda one: {"instances": [one]}, ["body", "instances", 0]),
    ],
    ids=["single", "array", "instances"],
)
def test_every_fault_is_reported_with_its_path(
    reading: httpx.Client, car: Row, wrap: Callable[[Row], Any], prefix: list[str | int]
) -> None:
    del car["name"]
    errors = errors_of(reading, CAR, wrap({**car, "transmission": "CVT", "km_driven": -1, "colour": "red"}))
    assert {(*error["loc"], error["type"]) for error in errors} == {
        (*prefix, "name", "missing"),
        (*prefix, "colour", "extra_forbidden"),
        (*prefix, "transmission", "enum"),
        (*prefix, "km_driven", "greater_than_equal"),
    }


def test_faults_of_a_batch_come_in_row_order(reading: httpx.Client, car: Row) -> None:
    rows = [car, {**car, "year": "x"}, car, {**car, "transmission": "?", "year": 1}, 5]
    assert [error["loc"][1] for error in errors_of(reading, CAR, rows)] == [1, 3, 3, 4]


@pytest.mark.parametrize(("body", "loc"), [([], ["body"]), ({"instances": []}, ["body", "instances"])])
def test_no_instances_are_refused(reading: httpx.Client, body: object, loc: list[str]) -> None:
    (error,) = errors_of(reading, CAR, body)
    assert (error["loc"], error["type"]) == (loc, "too_short")


def test_more_instances_than_the_limit_are_too_large(
    reading: httpx.Client, car: Row, definitions: Mapping[str, Definition]
) -> None:
    limit = definitions["car-price"].limits.max_instances
    assert len(data_of(reading, CAR, [car] * limit)["predictions"]) == limit
    answer = reading.post(CAR, json=[car] * (limit + 1))
    assert answer.status_code == 413
    assert str(limit) in answer.json()["errors"][0]["msg"]


def test_an_unknown_model_is_refused_with_the_known_ones(reading: httpx.Client, car: Row) -> None:
    answer = reading.post("/models/boats/predict", json=car)
    assert answer.status_code == 404
    (error,) = answer.json()["errors"]
    assert error["type"] == "not_found"
    assert "'boats'" in error["msg"]
    assert all(model in error["msg"] for model in MODELS)
