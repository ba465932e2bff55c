"""Planning: the version that is kept, the file that is refused or left to the other reader, and races of planners."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from functions.batches import planning
from functions.batches.shard_run import ChangedInputError
from functions.core.batch_keys import converted_key, part_key, shards_key
from functions.core.batch_record import Converted, Plan
from functions.core.converted_rows import ConvertedRow, encoded_rows
from functions.core.definition import Definition
from functions.core.errors import Fault, InvalidInputError, NotReadyError, TooLargeError
from functions.core.instances import CheckedInstances
from functions.core.lookups import MOST_LOOKUP_ROWS
from functions.core.registry import Registry
from functions.local.home import Home
from functions.serving.version import LoadedVersion, Predictions
from tests.batches.small_batches import CHURN, Workplace

HEADER = CHURN.split(b"\n")[0] + b"\n"
WITHOUT_IDS = b"".join(line.partition(b",")[2] for line in CHURN.splitlines(keepends=True))


@pytest.fixture
def place(trained_home: Home, definitions: Mapping[str, Definition], tmp_path: Path) -> Workplace:
    return Workplace.within(tmp_path, trained_home.registry, definitions)


def refused(place: Workplace, body: bytes, **changes: object) -> list[tuple[object, ...]]:
    with pytest.raises(InvalidInputError) as caught:
        place.planned(body, **changes)  # type: ignore[arg-type]
    return [(*fault.loc, fault.type) for fault in caught.value.faults]


def test_a_plan_has_the_version_in_production_and_all_rows(place: Workplace) -> None:
    batch = place.planned(CHURN, id="customerid")
    assert isinstance(batch.plan, Plan)
    assert (batch.plan.version, batch.plan.form, batch.plan.rows) == (1, "csv", CHURN.count(b"\n") - 1)
    shards = place.batches.shards(batch)
    assert len(shards) == batch.plan.shards
    assert sum(shard.lines for shard in shards) == batch.plan.rows
    assert batch.state(0) == "planned"


def test_a_promotion_changes_no_plan(place: Workplace, definitions: Mapping[str, Definition]) -> None:
    batch = place.planned(CHURN)
    empty = replace(place, registry=Registry(place.records))
    assert empty.planner.plan(batch, definitions["churn"]) == batch
    unplanned = place.sent(CHURN)
    with pytest.raises(NotReadyError):
        empty.planner.plan(unplanned, definitions["churn"])


@pytest.mark.parametrize("body", [b"", HEADER, HEADER.strip(), HEADER + b"\n\n", HEADER + b",,\n"])
def test_a_file_without_a_row_is_refused(place: Workplace, body: bytes) -> None:
    assert refused(place, body) == [("file", "too_short")]


def test_a_file_without_the_column_of_ids_is_refused_if_anybody_needs_them(place: Workplace) -> None:
    assert refused(place, CHURN, id="other") == [("file", "other", "missing")]
    assert refused(place, WITHOUT_IDS, id="customerid", lookup=True) == [("file", "customerid", "missing")]
    batch = place.planned(WITHOUT_IDS, id="customerid", output="csv")
    assert batch.plan is not None
    assert (batch.plan.id, batch.plan.output_header[:2]) == (None, ("line", "prediction"))


@pytest.mark.parametrize("name", ["customerID", "customerid"])
def test_the_column_of_ids_may_be_named_in_either_spelling(place: Workplace, name: str) -> None:
    batch = place.planned(CHURN, id=name)
    assert batch.plan is not None
    assert batch.plan.id == "customerid"


@pytest.mark.parametrize(
    ("name", "key"), [("CustomerID", "CustomerID"), ("customerid", "CustomerID"), ("CustomerID", "customerid")]
)
@pytest.mark.parametrize("is_asked", [True, False])
def test_ids_of_json_lines_are_found_in_either_spelling(
    place: Workplace, instances: Callable[[str], list[dict[str, Any]]], name: str, key: str, is_asked: bool
) -> None:
    (one,) = instances("churn")[:1]
    row = {**{column: value for column, value in one.items() if column != "customerid"}, key: "a-1"}
    changes = {"id": name, "lookup": True, "is_lookup_asked": is_asked}
    batch = place.run(place.planned(orjson.dumps(row), "rows.jsonl", **changes))
    assert batch.plan is not None
    assert batch.plan.id == "customerid"
    assert [found["id"] for found in place.predicted(batch)] == ["a-1"]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_ids_are_found_in_another_unicode_form(place: Workplace, form: str) -> None:
    key = unicodedata.normalize("NFD", "código")
    header, *rows = csv.reader(CHURN.decode().replace("customerID", key).splitlines())
    lines = [orjson.dumps({key: row[header.index(key)]}) for row in rows]
    body = CHURN.replace(b"customerID", key.encode()) if form == "csv" else b"\n".join(lines)
    batch = place.planned(body, f"rows.{form}", id="código", lookup=True)
    assert batch.plan is not None
    assert batch.plan.id == key


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_file_without_ids_is_predicted_without_lookups_unless_somebody_asked_for_them(
    place: Workplace,
    definitions: Mapping[str, Definition],
    instances: Callable[[str], list[dict[str, object]]],
    form: str,
) -> None:
    rows = b"".join(
        orjson.dumps({name: value for name, value in one.items() if name != "customerid"}) + b"\n"
        for one in instances("churn")[:9]
    )
    body = WITHOUT_IDS if form == "csv" else rows
    batch = place.sent(body, f"rows.{form}", id="customerid", lookup=True, is_lookup_asked=False)
    planned = place.planner.plan(batch, definitions["churn"])
    assert planned is not None
    assert planned.plan is not None
    assert (planned.plan.id, planned.plan.has_lookup(planned)) == (None, False)
    if form == "csv":
        assert refused(place, body, id="customerid", lookup=True) == [("file", "customerid", "missing")]


def test_a_file_that_was_removed_is_refused(place: Workplace, definitions: Mapping[str, Definition]) -> None:
    batch = place.sent(CHURN)
    place.files.delete(batch.input)
    with pytest.raises(InvalidInputError, match="was removed"):
        place.planner.plan(batch, definitions["churn"])


@pytest.mark.parametrize(
    "body",
    [
        b"gender,Partner\nmale,yes\n",
        CHURN.replace(b",", b";"),
        CHURN.decode().encode("utf-16"),
        CHURN.replace(b"45.55", b'"1,045.55"'),
        CHURN + b"\xff\n",
    ],
)
def test_a_file_that_is_not_plain_has_no_plan(
    place: Workplace, definitions: Mapping[str, Definition], body: bytes
) -> None:
    batch = place.sent(body)
    assert place.planner.plan(batch, definitions["churn"]) is None
    assert place.batches.read("churn", batch.batch).plan is None


def test_a_file_that_was_converted_is_planned_by_its_rows(
    place: Workplace, definitions: Mapping[str, Definition], instances: Callable[[str], list[dict[str, object]]]
) -> None:
    batch = place.sent(b"\xff", "rows.xlsx")
    rows = [ConvertedRow(line, one) for line, one in enumerate(instances("churn"), 2)]
    place.batches.write_converted(batch, encoded_rows(rows), Converted(1, ("semicolons",)))
    planned = place.planner.plan(batch, definitions["churn"])
    assert planned is not None
    assert planned.plan is not None
    assert (planned.plan.input, planned.plan.form, planned.plan.rows) == (converted_key(batch), "converted", len(rows))
    assert planned.plan.notes == ("semicolons",)


def test_a_file_whose_rows_were_all_left_out_has_none(place: Workplace, definitions: Mapping[str, Definition]) -> None:
    batch = place.sent(b"\xff", "rows.xlsx")
    place.batches.write_converted(batch, b"", Converted(1, ()))
    with pytest.raises(InvalidInputError, match="no row"):
        place.planner.plan(batch, definitions["churn"])


def test_a_batch_that_is_measured_is_converted(place: Workplace, definitions: Mapping[str, Definition]) -> None:
    assert place.planner.plan(place.sent(CHURN, measure=True), definitions["churn"]) is None


def test_a_batch_that_is_cancelled_or_finished_gets_no_plan(
    place: Workplace, definitions: Mapping[str, Definition]
) -> None:
    batch = place.sent(CHURN, cancelled="2026-11-29T10:00:00.000000Z")
    assert place.planner.plan(batch, definitions["churn"]) == batch
    waiting = place.sent(CHURN)
    place.batches.change("churn", waiting.batch, lambda one: replace(one, cancelled="now"))
    found = place.planner.plan(waiting, definitions["churn"])  # which read the record before
    assert found is not None
    assert (found.plan, found.state(0)) == (None, "cancelled")


def test_of_many_planners_one_makes_the_plan_and_all_write_its_shards(
    place: Workplace, definitions: Mapping[str, Definition], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = iter(range(300, 10_000, 250))
    monkeypatch.setattr(planning, "_shard_bytes", lambda loaded, sample, chunks: next(sizes))
    batch = place.sent(CHURN, output="csv")
    with ThreadPoolExecutor(8) as pool:
        plans = list(pool.map(lambda _: place.planner.plan(batch, definitions["churn"]), range(8)))
    assert len({str(one.plan) for one in plans if one is not None}) == 1
    record = place.batches.read("churn", batch.batch)
    assert record.plan is not None
    assert len(place.batches.shards(record)) == record.plan.shards


def test_a_planner_that_died_before_it_wrote_the_shards_is_followed(
    place: Workplace, definitions: Mapping[str, Definition]
) -> None:
    batch = place.planned(CHURN, output="csv")
    shards, header = place.batches.shards(batch), place.files.read(part_key(batch, 0)).body
    place.records.delete(shards_key(batch))
    place.files.delete(part_key(batch, 0))
    assert place.planner.plan(batch, definitions["churn"]) == batch
    assert place.batches.shards(batch) == shards
    assert place.files.read(part_key(batch, 0)).body == header
    place.records.delete(shards_key(batch))
    place.files.write(batch.input, CHURN[:-1])
    with pytest.raises(ChangedInputError):
        place.planner.plan(batch, definitions["churn"])
    assert batch.plan is not None
    older = replace(batch, plan=replace(batch.plan, revision=None))
    place.files.write(batch.input, HEADER if batch.plan.shards == 1 else CHURN * 50)
    with pytest.raises(ChangedInputError):
        place.planner.plan(older, definitions["churn"])


def test_shards_take_30_seconds_at_the_speed_of_the_first_rows(
    place: Workplace, definitions: Mapping[str, Definition], monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter(range(0, 1000, 6))
    monkeypatch.setattr(planning.time, "perf_counter", lambda: float(next(moments)))
    batch = place.planned(CHURN)
    # 8 rows took 6 seconds
    assert [shard.lines for shard in place.batches.shards(batch)][:3] == pytest.approx([40, 40, 40], abs=5)


class SlowModel:
    """Takes 0.75 seconds for a row that it predicts, and almost none to refuse rows."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.refused: set[float] = set()
        self.most_rows = 1000
        self._seconds = 0.0
        self._predict = LoadedVersion.predict
        patch.setattr(planning.time, "perf_counter", lambda: self._seconds)
        patch.setattr(LoadedVersion, "predict", lambda version, rows: self.predict(version, rows))

    def predict(self, version: LoadedVersion, instances: CheckedInstances) -> Predictions:
        self._seconds += 0.001
        charges = instances.table["monthlycharges"]
        bad = [row for row, charge in enumerate(charges) if charge in self.refused]
        if bad:
            raise InvalidInputError([Fault((row, "monthlycharges"), "unreadable", "unreadable") for row in bad])
        if instances.rows > self.most_rows:
            raise TooLargeError("too many tokens")
        self._seconds += 0.75 * instances.rows
        return self._predict(version, instances)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> SlowModel:
    return SlowModel(monkeypatch)


CHARGES = [float(row["MonthlyCharges"]) for row in csv.DictReader(CHURN.decode().splitlines())]


def lines_of_shards(place: Workplace, body: bytes = CHURN) -> list[int]:
    return [shard.lines for shard in place.batches.shards(place.planned(body))]


@pytest.mark.parametrize("refused", [CHARGES[2:3], CHARGES[:8], CHARGES[:290]])
def test_rows_that_are_refused_at_the_beginning_make_no_shard_longer(
    place: Workplace, slow: SlowModel, refused: list[float]
) -> None:
    slow.refused = set(refused)
    assert lines_of_shards(place)[:3] == pytest.approx([40, 40, 40], abs=5)


def test_a_file_that_begins_with_refused_rows_alone_is_planned_by_the_speed_of_the_example(
    place: Workplace, slow: SlowModel
) -> None:
    example = place.registry.manifest("churn", 1).example["monthlycharges"]
    slow.refused = {charge for charge in CHARGES if charge != example}
    _, *rows = CHURN.splitlines(keepends=True)
    sent = [row for row, charge in zip(rows, CHARGES, strict=True) if charge in slow.refused]
    assert lines_of_shards(place, HEADER + b"".join(sent))[:3] == pytest.approx([40, 40, 40], abs=5)


def test_rows_that_the_model_takes_only_a_few_at_a_time_make_no_shard_longer(place: Workplace, slow: SlowModel) -> None:
    slow.most_rows = 4
    assert lines_of_shards(place)[:3] == pytest.approx([40, 40, 40], abs=5)


def test_a_file_that_begins_with_two_long_rows_is_planned_by_their_speed(
    place: Workplace, slow: SlowModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "HEAD_BYTES", len(b"\n".join(CHURN.split(b"\n")[:3])) + 1)
    assert lines_of_shards(place)[:3] == pytest.approx([40, 40, 40], abs=10)


def test_very_many_rows_have_no_lookup(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "MOST_LOOKUP_ROWS", 10)
    batch = place.planned(CHURN, id="customerid", lookup=True)
    assert batch.plan is not None
    assert batch.plan.no_lookup == f"{batch.plan.rows} rows are more than 10"
    assert not batch.plan.has_lookup(batch)
    assert MOST_LOOKUP_ROWS == 10_000_000


def test_a_csv_output_of_json_lines_keeps_the_columns_of_the_first_rows(place: Workplace) -> None:
    body = orjson.dumps({"more": 1}) + b"\n" + orjson.dumps({"other": 2}) + b"\nx"
    batch = place.planned(body, "rows.jsonl", keep_columns=True, output="csv")
    assert batch.plan is not None
    assert batch.plan.kept == ("more", "other")
    assert batch.plan.output_header[:3] == ("more", "other", "prediction")
