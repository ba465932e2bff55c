"""The work on one shard: the predictions of /predict, every bad row once, and the same objects after any death."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from functions.batches import shard_run
from functions.batches.shard_run import CancelledError
from functions.core.batch_record import Batch
from functions.core.definition import Definition
from functions.core.errors import StorageError, TooLargeError
from functions.core.local_storage import LocalStorage
from functions.local.home import Home
from functions.serving.version import LoadedVersion
from tests.batches.small_batches import CHURN, MODELS, SMALL_SHARD_BYTES, Workplace
from tests.predictions_in_memory import PredictionsInMemory

Row = dict[str, Any]


def assert_close(found: Any, wanted: Any) -> None:
    """Equal but for the last digits of numbers: ONNX Runtime adds up in another order among other rows."""
    if isinstance(wanted, dict):
        assert found.keys() == wanted.keys()
        found, wanted = list(found.values()), list(wanted.values())
    if isinstance(wanted, list):
        assert len(found) == len(wanted)
        for one, other in zip(found, wanted, strict=True):
            assert_close(one, other)
    elif isinstance(wanted, float):
        assert found == pytest.approx(wanted, rel=1e-12, abs=1e-12)
    else:
        assert found == wanted


@pytest.fixture
def store() -> PredictionsInMemory:
    return PredictionsInMemory()


@pytest.fixture
def place(
    trained_home: Home,
    definitions: Mapping[str, Definition],
    tmp_path: Path,
    store: PredictionsInMemory,
    monkeypatch: pytest.MonkeyPatch,
) -> Workplace:
    monkeypatch.setattr("functions.batches.planning.MOST_SHARD_BYTES", SMALL_SHARD_BYTES)
    return Workplace.within(tmp_path, trained_home.registry, definitions, store=store)


def test_predictions_are_those_of_predict(
    place: Workplace, reading: httpx.Client, instances: Callable[[str], list[Row]]
) -> None:
    for model in place.definitions:
        body = (MODELS / model / "sample.csv").read_bytes()
        batch = place.run(place.planned(body, model=model))
        answer = reading.post(f"/models/{model}/predict", json={"instances": instances(model)}).json()["data"]
        found = place.predicted(batch)
        assert_close([one["prediction"] for one in found], answer["predictions"])
        assert [one.get("warnings", []) for one in found] == answer.get("warnings", [[]] * len(found))
        assert [one["line"] for one in found] == list(range(2, len(found) + 2))
        assert batch.plan is not None
        assert batch.plan.shards > 1


def test_json_lines_of_instances_are_predicted_as_the_body_of_a_request(
    place: Workplace, reading: httpx.Client, instances: Callable[[str], list[Row]]
) -> None:
    body = b"\n".join(map(orjson.dumps, instances("car-price")))
    batch = place.run(place.planned(body, "instances.jsonl", "car-price"))
    answer = reading.post("/models/car-price/predict", json={"instances": instances("car-price")}).json()["data"]
    assert_close([one["prediction"] for one in place.predicted(batch)], answer["predictions"])
    assert [one["line"] for one in place.predicted(batch)][:2] == [1, 2]


def test_a_third_of_bad_rows_are_each_refused_once_and_the_others_predicted(place: Workplace) -> None:
    header, *lines = CHURN.decode().splitlines()
    bad = set(range(2, len(lines) + 2, 3))
    sent = [re.sub(",(Fema|Ma)le,", ",Other,", one) if number in bad else one for number, one in enumerate(lines, 2)]
    batch = place.run(place.planned("\n".join([header, *sent]).encode(), id="customerid", output="csv"))
    assert batch.result is not None
    assert batch.result.state == "succeeded"
    assert (batch.result.done, batch.result.refused) == (len(lines) - len(bad), len(bad))
    assert [one["line"] for one in place.refused(batch)] == sorted(bad)
    assert {(one["column"], one["type"]) for one in place.refused(batch)} == {("gender", "enum")}
    assert len(place.output(batch).splitlines()) == 1 + len(lines) - len(bad)


@pytest.mark.parametrize("output", ["jsonl", "csv"])
@pytest.mark.parametrize("column", ["note", "customerid", "tenure"])
def test_a_row_that_is_nested_too_deeply_to_be_written_is_refused_alone(
    place: Workplace, instances: Callable[[str], list[Row]], output: str, column: str
) -> None:
    first, second = map(orjson.dumps, instances("churn")[:2])
    nested = b'{"%s":%s,' % (column.encode(), b"[" * 600 + b"]" * 600)
    body = b"\n".join([first, nested + second[1:].replace(b'"%s"' % column.encode(), b'"other"'), second])
    batch = place.run(place.planned(body, "rows.jsonl", output=output, keep_columns=True, id="customerid"))
    assert batch.result is not None
    assert (batch.result.state, batch.result.done, batch.result.refused) == ("succeeded", 2, 1)
    assert [one["line"] for one in place.refused(batch)] == [2]


def test_a_row_beyond_the_limit_of_tokens_is_refused_alone(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are predicted fewer at a time until they fit: here at most two, and none with such a tenure."""
    batch = place.planned(CHURN)
    wanted = {one["line"]: one["prediction"] for one in place.predicted(place.run(batch))}
    predict = LoadedVersion.predict

    def bounded(self: LoadedVersion, instances: Any) -> Any:
        if instances.rows > 2 or 27 in instances.table["tenure"]:
            raise TooLargeError("too many tokens")
        return predict(self, instances)

    monkeypatch.setattr(LoadedVersion, "predict", bounded)
    other = place.batches.create(replace(batch, batch="0" * 32))[0]
    place.batches.write_shards(other, place.batches.shards(batch))
    again = place.run(other)
    found = {one["line"]: one["prediction"] for one in place.predicted(again)}
    assert again.result is not None
    assert again.result.refused == len(place.refused(again)) > 0
    assert {one["type"] for one in place.refused(again)} == {"too_large"}
    assert_close(list(found.values()), [value for line, value in wanted.items() if line in found])
    assert again.result.done + again.result.refused == len(wanted)


def test_predictions_are_stored_in_parts_of_bounded_size(
    place: Workplace, store: PredictionsInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shard_run, "STORED_AT_ONCE", 7)
    batch = place.run(place.planned(CHURN, id="customerid", lookup=True))
    found = {one["id"]: one for one in place.predicted(batch)}
    stored = store.held["churn", batch.batch]
    assert max(store.sizes) == 7
    assert stored.keys() == found.keys()
    assert {(one.id, one.line) for one in stored.values()} == {(one["id"], one["line"]) for one in found.values()}
    assert all(one.prediction == found[key]["prediction"] for key, one in stored.items())


def test_warnings_are_stored_with_their_prediction(place: Workplace, store: PredictionsInMemory) -> None:
    header, first, *_ = (MODELS / "car-price" / "sample.csv").read_text("utf-8").splitlines()
    body = f"{header}\n{first.replace('Petrol', 'Steam')}\n".encode()
    batch = place.run(place.planned(body, model="car-price", id="name", lookup=True))
    (one,) = store.held["car-price", batch.batch].values()
    assert [warning["type"] for warning in one.warnings] == ["unseen_level"]
    assert list(one.warnings) == place.predicted(batch)[0]["warnings"]


def test_without_lookup_nothing_is_stored(place: Workplace, store: PredictionsInMemory) -> None:
    place.run(place.planned(CHURN, id="customerid"))
    assert store.held == {}
    assert not [key for key in place.files.keys("batches") if "/ids/" in key]


def test_a_cancelled_batch_stops_at_the_next_chunk(place: Workplace) -> None:
    batch = place.planned(CHURN)
    place.batches.change("churn", batch.batch, lambda one: replace(one, cancelled="now"))
    with pytest.raises(CancelledError):
        place.run(batch)
    assert place.batches.done_numbers(batch) == []


class _Dying:
    """A storage whose writes end after some of them, as those of a process that is killed."""

    def __init__(self, storage: LocalStorage, writes: int) -> None:
        self._storage, self._left = storage, writes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def write(self, key: str, body: bytes) -> str:
        if not self._left:
            raise StorageError("killed")
        self._left -= 1
        return self._storage.write(key, body)


def _objects(place: Workplace, batch: Batch) -> Iterator[tuple[str, bytes]]:
    for key in place.files.keys("batches"):
        body = place.files.read(key).body
        if "/done/" in key:
            marker = orjson.loads(body)
            body = orjson.dumps({**marker, "seconds": 0})
        yield key.replace(batch.batch, "batch"), body


def test_a_shard_that_died_between_any_two_writes_is_run_again_to_the_same_objects(place: Workplace) -> None:
    body = CHURN.replace(b",Male,", b",Other,", 5)
    batch = place.planned(body, id="customerid", lookup=True)
    place.run(batch)
    wanted = dict(_objects(place, batch))
    version = LoadedVersion.load(place.registry, "churn", 1)
    assert batch.plan is not None
    shard = place.batches.shards(batch)[0]
    for writes in range(5):
        again = place.batches.create(replace(batch, batch=f"{writes:032}"))[0]
        place.batches.write_shards(again, place.batches.shards(batch))
        dying: Any = _Dying(LocalStorage(place.files.root), writes)  # type: ignore[attr-defined]
        broken = replace(place, files=dying)
        if writes < 4:
            with pytest.raises(StorageError, match="killed"):
                broken.runner.run(again, batch.plan, shard, version)
            assert place.batches.done_numbers(again) == []
        else:
            broken.runner.run(again, batch.plan, shard, version)
        place.run(again)
        assert {key: one for key, one in _objects(place, again) if "batch/" in key} == wanted
