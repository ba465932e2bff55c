"""Predictions in a table of DynamoDB: exact, all of them, and forgotten in time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import boto3
import orjson
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from functions.aws import prediction_table
from functions.aws.client import table_client
from functions.aws.prediction_table import DAY_SECONDS, EXPIRES, KEY, PUT_ITEMS, PredictionTable
from functions.core.errors import InvalidInputError, StorageError
from functions.core.lookups import StoredPrediction

MODEL, BATCH = "churn", "0a" * 16
WARNING = {"loc": ["plan"], "msg": "unusual", "type": "unusual_value"}


@pytest.fixture
def table(predictions_table: str) -> PredictionTable:
    return PredictionTable(predictions_table, days=7)


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, none of which takes time."""
    pauses: list[float] = []
    monkeypatch.setattr(prediction_table, "_sleep", pauses.append)
    return pauses


def items(table: str) -> list[dict[str, Any]]:
    return boto3.client("dynamodb").scan(TableName=table)["Items"]


def predictions(count: int) -> list[StoredPrediction]:
    return [
        StoredPrediction(f"id-{one}", one + 2, {"label": "yes", "scores": {"yes": one / 7}}) for one in range(count)
    ]


class Throttled:
    """A client whose table takes one item of each request at most, a number of times."""

    def __init__(self, times: float) -> None:
        self._client = table_client(2)
        self._times = times
        self.requests: list[int] = []

    def batch_write_item(self, *, RequestItems: Mapping[str, Any]) -> Any:
        return self._some(
            "UnprocessedItems", RequestItems, lambda some: self._client.batch_write_item(RequestItems=some)
        )

    def batch_get_item(self, *, RequestItems: Mapping[str, Any]) -> Any:
        return self._some("UnprocessedKeys", RequestItems, lambda some: self._client.batch_get_item(RequestItems=some))

    def _some(self, left_over: str, asked: Mapping[str, Any], call: Callable[[Mapping[str, Any]], Any]) -> Any:
        ((table, wanted),) = asked.items()
        many = wanted["Keys"] if isinstance(wanted, dict) else wanted
        self.requests.append(len(many))
        if self._times <= 0 or len(many) < 2:
            return call(asked)
        self._times -= 1
        first, rest = deepcopy((many[:1], many[1:]))
        if isinstance(wanted, dict):
            answer = call({table: {**wanted, "Keys": first}})
            return {**answer, left_over: {table: {**wanted, "Keys": rest}}}
        return {**call({table: first}), left_over: {table: rest}}


def test_numbers_come_back_bit_for_bit(table: PredictionTable) -> None:
    """DynamoDB's numbers would lose -0.0, an infinity, and the difference between 1 and 1.0."""
    numbers = [0.1 + 0.2, -0.0, 5e-324, math.nextafter(1, 2), 1.7976931348623157e308, 1, 1.0, 2**63 - 1, True, None]
    wanted = StoredPrediction("a", 2, {"values": numbers, "text": 'año \N{SNOWMAN} \x00"'}, (WARNING,))
    table.write(MODEL, BATCH, [wanted])
    found = table.read(MODEL, BATCH, ["a"])["a"]
    assert orjson.dumps(found) == orjson.dumps(wanted)


def test_an_item_is_named_by_model_batch_and_id_and_expires(table: PredictionTable, predictions_table: str) -> None:
    before = int(time.time())
    table.write(MODEL, BATCH, [StoredPrediction("7590-VHVEG", 2, 1.5)])
    (item,) = items(predictions_table)
    assert item[KEY] == {"S": f"{MODEL}#{BATCH}#7590-VHVEG"}
    assert before <= int(item[EXPIRES]["N"]) - 7 * DAY_SECONDS <= before + 60
    assert item["prediction"] == {"S": "1.5"}
    assert "warnings" not in item


def test_what_has_expired_is_not_found_although_it_is_still_there(predictions_table: str) -> None:
    """DynamoDB deletes an item within days of its time."""
    PredictionTable(predictions_table, days=-1).write(MODEL, BATCH, predictions(1))
    assert len(items(predictions_table)) == 1
    assert PredictionTable(predictions_table, days=7).read(MODEL, BATCH, ["id-0"]) == {}


def test_the_last_of_two_rows_with_one_id_is_stored(table: PredictionTable) -> None:
    """In one request, DynamoDB refuses a key that is there twice."""
    table.write(MODEL, BATCH, [StoredPrediction("a", 2, 1.0), StoredPrediction("a", 9, 2.0)])
    assert table.read(MODEL, BATCH, ["a"]) == {"a": StoredPrediction("a", 9, 2.0)}


def test_no_request_has_more_items_than_dynamodb_takes(predictions_table: str) -> None:
    client = Throttled(0)
    table = PredictionTable(predictions_table, days=7, client=client)
    table.write(MODEL, BATCH, predictions(1003))
    assert sorted(client.requests) == [3, *([PUT_ITEMS] * 40)]
    client.requests.clear()
    found = table.read(MODEL, BATCH, [f"id-{one}" for one in range(1100)])
    assert client.requests == [100] * 11
    assert list(found.values()) == sorted(found.values(), key=lambda one: int(one.id[3:]))
    assert len(found) == 1003


def test_what_dynamodb_leaves_over_is_written_and_read_later(predictions_table: str, unhurried: list[float]) -> None:
    table = PredictionTable(predictions_table, days=7, client=Throttled(8))
    table.write(MODEL, BATCH, predictions(25))
    assert len(items(predictions_table)) == 25
    assert len(unhurried) == 8
    assert unhurried == sorted(unhurried)
    reader = PredictionTable(predictions_table, days=7, client=Throttled(8))
    assert len(reader.read(MODEL, BATCH, [f"id-{one}" for one in range(25)])) == 25


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "ThrottlingException"])
def test_a_request_that_is_refused_as_a_whole_is_made_again(
    predictions_table: str, unhurried: list[float], code: str
) -> None:
    class Refusing(Throttled):
        def _some(self, left_over: str, asked: Mapping[str, Any], call: Callable[[Mapping[str, Any]], Any]) -> Any:
            self._times -= 1
            if self._times >= 0:
                raise ClientError({"Error": {"Code": code, "Message": "too fast"}}, "BatchWriteItem")
            return call(asked)

    table = PredictionTable(predictions_table, days=7, client=Refusing(3))
    table.write(MODEL, BATCH, predictions(20))
    assert len(unhurried) == 3
    assert (
        len(PredictionTable(predictions_table, days=7, client=Refusing(3)).read(MODEL, BATCH, ["id-0", "id-19"])) == 2
    )


def test_a_table_that_takes_nothing_for_long_is_an_error_and_not_a_loss(
    predictions_table: str, unhurried: list[float]
) -> None:
    table = PredictionTable(predictions_table, days=7, client=Throttled(math.inf))
    with pytest.raises(
        StorageError, match=f"{predictions_table} takes no more predictions now: its throughput is used up"
    ):
        table.write(MODEL, BATCH, predictions(25))
    table.write(MODEL, BATCH, predictions(1))
    with pytest.raises(StorageError, match=f"{predictions_table} answers no more lookups now"):
        table.read(MODEL, BATCH, [f"id-{one}" for one in range(25)])


@pytest.mark.parametrize("name", ["x" * 3000, "\N{SNOWMAN}" * 1000, "#", "#" + "0" * 64, " ", "a#b", "\x00"])
def test_any_id_has_a_key(table: PredictionTable, name: str) -> None:
    wanted = StoredPrediction(name, 2, 1.5)
    table.write(MODEL, BATCH, [wanted, StoredPrediction("other", 3, 2.5)])
    assert table.read(MODEL, BATCH, [name, "absent"]) == {name: wanted}


def test_warnings_that_an_item_has_no_room_for_are_left_out(table: PredictionTable) -> None:
    many = tuple({**WARNING, "msg": "x" * 1000} for _ in range(400))
    table.write(MODEL, BATCH, [StoredPrediction("a", 2, 1.5, many), StoredPrediction("b", 3, 1.5, many[:300])])
    found = table.read(MODEL, BATCH, ["a", "b"])
    assert (found["a"].prediction, found["a"].warnings) == (1.5, ())
    assert found["b"].warnings == many[:300]


def test_a_prediction_that_an_item_has_no_room_for_is_refused_with_what_to_do(table: PredictionTable) -> None:
    with pytest.raises(InvalidInputError, match=r"line 3: its prediction takes 400002 bytes.*without lookup"):
        table.write(MODEL, BATCH, [StoredPrediction("a", 2, 1.5), StoredPrediction("b", 3, "x" * 400_000)])


def test_single_predictions_are_removed_at_once_and_the_others_stay(table: PredictionTable) -> None:
    table.write(MODEL, BATCH, predictions(60))
    ids = [f"id-{one}" for one in range(60)]
    table.remove(MODEL, BATCH, [*ids[:55], *ids[:5], "absent"])
    assert list(table.read(MODEL, BATCH, ids)) == ids[55:]
    table.remove(MODEL, BATCH, [])


def test_deleting_a_batch_leaves_the_others_and_costs_nothing(table: PredictionTable) -> None:
    table.write(MODEL, BATCH, predictions(1))
    table.write(MODEL, "0b" * 16, predictions(1))
    table.delete(MODEL, BATCH)
    assert len(table.read(MODEL, "0b" * 16, ["id-0"])) == 1


def test_an_error_of_aws_names_the_table(aws_environment: None) -> None:
    table = PredictionTable("no-such-table", days=7)
    with pytest.raises(StorageError, match="table no-such-table"):
        table.write(MODEL, BATCH, predictions(1))
    with pytest.raises(StorageError, match="table no-such-table"):
        table.read(MODEL, BATCH, ["a"])


def test_an_aws_that_cannot_be_reached_is_the_same_error() -> None:
    class Unreachable:
        def batch_write_item(self, **_: Any) -> Any:
            raise EndpointConnectionError(endpoint_url="https://dynamodb.invalid")

        def batch_get_item(self, **_: Any) -> Any:
            raise EndpointConnectionError(endpoint_url="https://dynamodb.invalid")

    with pytest.raises(StorageError, match=r"table t: .*dynamodb\.invalid"):
        PredictionTable("t", days=7, client=Unreachable()).read(MODEL, BATCH, ["a"])
