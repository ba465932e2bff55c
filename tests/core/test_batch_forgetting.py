"""A person's rows in batches: found by their id, gone from files, results and the store, and nothing else with them."""

from __future__ import annotations

import csv
import gzip
import io
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from functions.core.batch_forgetting import BatchForgetting, FoundInBatches
from functions.core.batch_keys import ids_key, parquet_key, truths_key
from functions.core.batch_record import Batch, BatchState
from functions.core.batch_submission import BatchRequest, BatchSubmissions
from functions.core.batches import Batches
from functions.core.converted_rows import ConvertedRow, encoded_rows
from functions.core.definition import Definition
from functions.core.errors import ConflictError
from functions.local.home import Home
from tests.batching import InlineRunner
from tests.predictions_in_memory import PredictionsInMemory

Row = dict[str, Any]
MODEL = "churn"
PERSON, OWN = "eva-1", "73.14159"
"""The id of a person, and a value that only her row has."""


@dataclass
class Place:
    """A home with batches of churn, of whose rows the second is the person's."""

    home: Home
    definition: Definition
    rows: list[Row]
    store: PredictionsInMemory

    def predict(self, rows: list[Row] | None = None, **options: Any) -> Batch:
        submissions = BatchSubmissions(self.home.registry.storage, self.home.uploads)
        wanted = BatchRequest(**{"lookup": True, **options})
        batch = submissions.submit(self.definition, rows or self.rows, wanted)
        return InlineRunner(self.home.registry, self.home.uploads, self.store).run(self.definition, batch.batch)

    def forgetting(self, value: str = PERSON) -> BatchForgetting:
        storage, files = self.home.registry.storage, self.home.uploads
        return BatchForgetting(storage, files, self.store, self.definition, value, rows_in_file, self.write_table)

    def write_table(self, batch: Batch) -> None:
        """Put all parts in one file, as a Parquet file has their rows."""
        keys = sorted(self.home.uploads.keys(f"batches/{MODEL}/{batch.batch}/out"))
        parts = [unpacked(self.home.uploads.read(key).body) for key in keys if key.endswith(".gz")]
        self.home.uploads.write(parquet_key(batch), b"PAR1" + b"".join(parts))

    def as_parquet(self) -> Batch:
        submissions = BatchSubmissions(self.home.registry.storage, self.home.uploads)
        batch = submissions.submit(self.definition, self.rows, BatchRequest(output="parquet"))
        runner = InlineRunner(self.home.registry, self.home.uploads, self.store)
        planned = runner.plan(self.definition, batch.batch)
        runner.predict(planned)
        self.write_table(planned)
        return runner.finish(planned)

    def measured(self, rows: list[Row] | None = None, state: BatchState = "succeeded") -> Batch:
        """A batch with its predictions beside their true values, as one that is measured has them."""
        batch = self.predict(rows)
        self.home.uploads.write(truths_key(batch, 1), gzip.compress(b'["no",{"churn":"yes"}]\n' * 5))
        assert batch.result is not None
        ended = replace(batch, result=replace(batch.result, state=state))
        return Batches(self.home.registry.storage, self.home.uploads).change(MODEL, batch.batch, lambda _: ended)

    def forget(self, value: str = PERSON) -> FoundInBatches:
        found = self.forgetting(value).plan()
        self.forgetting(value).carry_out(found)
        return found

    def holding(self, text: str) -> list[str]:
        """The keys of batches whose bytes have the text, packed ones too."""
        bodies = {key: self.home.uploads.read(key).body for key in self.home.uploads.keys("")}
        keys = [key for key in bodies if key.startswith(("to-predict/", "batches/"))]
        return [key for key in keys if text.encode() in unpacked(bodies[key])]


def unpacked(body: bytes) -> bytes:
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


def read_csv(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode(), newline="")))


def rows_in_file(body: bytes, file_name: str) -> int | None:
    return None if b"?" in body else body.count(PERSON.encode())


@pytest.fixture
def place(
    home: Home, definitions: Mapping[str, Definition], instances: Callable[[str], list[Row]], tmp_path: Path
) -> Place:
    rows = [{**row, "customerid": f"c{number}"} for number, row in enumerate(instances(MODEL)[:5])]
    rows[1] |= {"customerid": PERSON, "monthlycharges": float(OWN)}
    return Place(home, definitions[MODEL], rows, PredictionsInMemory())


@pytest.mark.parametrize("output", ["jsonl", "csv"])
@pytest.mark.parametrize("keep_columns", [False, True])
def test_a_row_goes_from_the_file_the_results_and_the_store(place: Place, output: str, keep_columns: bool) -> None:
    batch = place.predict(output=output, keep_columns=keep_columns)
    part = f"batches/{MODEL}/{batch.batch}/out/part-00001.{output}.gz"
    before = place.holding("c3")
    found = place.forgetting().plan()
    assert (found.inputs, found.parts, found.stored) == ({batch.input: 1}, {part: 1}, (batch.batch,))
    assert place.holding(PERSON) == sorted([batch.input, part]), "a plan changes nothing"
    place.forget()
    assert place.holding(PERSON) == place.holding(OWN) == []
    assert place.store.read(MODEL, batch.batch, [PERSON, "c3"]).keys() == {"c3"}
    assert place.holding("c3") == [key for key in before if key != batch.input]
    assert len(unpacked(place.home.uploads.read(part).body).splitlines()) == 4
    assert place.home.uploads.keys(f"batches/{MODEL}/{batch.batch}/ids") == []
    assert place.forgetting().plan().is_nothing


def test_reports_that_may_quote_a_refused_row_go_as_a_whole(place: Place) -> None:
    place.rows[1]["tenure"] = "eleven years"
    place.rows[2]["tenure"] = "long"
    batch = place.predict()
    (errors,) = place.home.uploads.keys(f"batches/{MODEL}/{batch.batch}/errors")
    found = place.forget()
    assert (found.inputs, found.parts, found.errors) == ({batch.input: 1}, {}, (errors,))
    assert place.home.uploads.keys(f"batches/{MODEL}/{batch.batch}/errors") == []
    assert place.holding("eleven") == []


def test_reports_stay_where_all_rows_of_the_person_were_predicted(place: Place) -> None:
    place.rows[2]["tenure"] = "long"
    batch = place.predict()
    assert place.forget().errors == ()
    assert len(place.home.uploads.keys(f"batches/{MODEL}/{batch.batch}/errors")) == 1


def test_batches_without_the_person_are_left_as_they_are(place: Place) -> None:
    place.predict([row for row in place.rows if row["customerid"] != PERSON])
    before = {key: place.home.uploads.read(key).body for key in place.home.uploads.keys("batches")}
    found = place.forget()
    assert (found.is_nothing, found.digests, found.errors) == (True, (), ())
    assert {key: place.home.uploads.read(key).body for key in place.home.uploads.keys("batches")} == before


def test_a_result_is_searched_when_its_file_is_gone(place: Place) -> None:
    batch = place.predict()
    place.home.uploads.delete(batch.input)
    found = place.forget()
    assert (found.inputs, list(found.parts.values()), found.stored) == ({}, [1], (batch.batch,))
    assert place.holding(PERSON) == []


def test_a_dropped_file_goes_too_and_one_that_cannot_be_searched_is_named(place: Place) -> None:
    dropped, odd = (f"to-predict/{MODEL}/{name}.csv" for name in ("dropped", "odd"))
    place.home.uploads.write(dropped, f"customerid\n{PERSON}\n".encode())
    place.home.uploads.write(odd, b"?")
    found = place.forget()
    assert (found.inputs, found.unread) == ({dropped: 1}, (odd,))
    assert place.home.uploads.keys("to-predict") == [odd]


def test_the_id_of_another_column_is_no_persons(place: Place) -> None:
    rows = [{**row, "place": PERSON if number == 0 else f"p{number}"} for number, row in enumerate(place.rows[2:])]
    batch = place.predict(rows, id="place", lookup=True)
    found = place.forgetting().plan()
    assert (found.parts, found.stored) == ({}, ())
    assert place.store.read(MODEL, batch.batch, [PERSON])


def test_a_batch_that_goes_on_is_waited_for(place: Place) -> None:
    submissions = BatchSubmissions(place.home.registry.storage, place.home.uploads)
    batch = submissions.submit(place.definition, place.rows, BatchRequest())
    found = place.forgetting().plan()
    assert found.blocking == (batch.batch,)
    with pytest.raises(ConflictError, match="run again later"):
        place.forgetting().carry_out(found)
    assert place.holding(PERSON) == [batch.input]


def test_true_values_beside_a_prediction_go_with_it(place: Place) -> None:
    batch = place.measured()
    truths = truths_key(batch, 1)
    assert place.forgetting().plan().truths == (truths,)
    assert truths in place.home.uploads.keys("batches"), "a plan changes nothing"
    place.forget()
    assert truths not in place.home.uploads.keys("batches")


def test_true_values_stay_where_the_person_is_not_found(place: Place) -> None:
    batch = place.measured(place.rows[2:])
    assert place.forget().truths == ()
    assert truths_key(batch, 1) in place.home.uploads.keys("batches")


@pytest.mark.parametrize("keeps_file", [True, False])
def test_what_a_retry_reads_stays_for_a_batch_that_can_be_retried(place: Place, keeps_file: bool) -> None:
    batch = place.measured(state="partial")
    if keeps_file:
        # her row is in a result, and not in the file that is there now
        place.home.uploads.write(batch.input, b"")
    place.forget()
    needed = [truths_key(batch, 1), ids_key(batch, 1)]
    assert [key in place.home.uploads.keys("batches") for key in needed] == [keeps_file] * 2
    assert place.holding(PERSON) == []


@pytest.mark.parametrize("deletes", range(2))
def test_a_removal_that_dies_is_ended_by_the_next_one(
    place: Place, deletes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.predict()
    left = iter(range(deletes))
    delete = type(place.home.uploads).delete

    def dying(storage: Any, key: str) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        delete(storage, key)

    with monkeypatch.context() as patch:
        patch.setattr(type(place.home.uploads), "delete", dying)
        with pytest.raises(KeyboardInterrupt):
            place.forget()
    place.forget()
    assert place.holding(PERSON) == []
    assert all(PERSON not in held for held in place.store.held.values())
    assert [key for key in place.home.uploads.keys("batches") if "/ids/" in key] == []


def test_a_parquet_file_is_written_again_without_the_row(place: Place) -> None:
    batch = place.as_parquet()
    part = f"batches/{MODEL}/{batch.batch}/out/part-00001.jsonl.gz"
    assert place.holding(PERSON) == sorted([batch.input, part, parquet_key(batch)])
    assert place.forget().parts == {part: 1}
    assert place.holding(PERSON) == []
    assert parquet_key(batch) in place.holding("c3")


def test_a_parquet_file_that_a_dying_removal_took_away_is_there_after_the_next_one(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = place.as_parquet()

    def dying(self: Place, batch: Batch) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Place, "write_table", dying)
        with pytest.raises(KeyboardInterrupt):
            place.forget()
    place.forget()
    assert place.holding(PERSON) == []
    assert parquet_key(batch) in place.holding("c3")


def test_the_column_of_ids_may_have_been_named_as_a_file_spells_it(place: Place) -> None:
    rows = [
        {("CustomerID" if name == "customerid" else name): value for name, value in row.items()} for row in place.rows
    ]
    batch = place.predict(rows, id="CustomerID")
    found = place.forget()
    assert (list(found.parts.values()), found.stored) == ([1], (batch.batch,))
    assert place.holding(PERSON) == []
    assert place.store.read(MODEL, batch.batch, [PERSON, "c3"]).keys() == {"c3"}


@pytest.mark.parametrize("output", ["jsonl", "csv"])
def test_the_column_of_ids_may_have_been_named_in_another_unicode_form(place: Place, output: str) -> None:
    own, apart = "código", unicodedata.normalize("NFD", "código")
    rows = [{**row, apart: row["customerid"], "order": f"o{number}"} for number, row in enumerate(place.rows)]
    place.predict(rows, id="order", output=output, keep_columns=True)
    place.definition = replace(place.definition, schema=replace(place.definition.schema, id=own))
    assert list(place.forget().parts.values()) == [1]
    assert place.holding(PERSON) == []


@pytest.mark.parametrize("columns", [None, {"CustomerID": PERSON}])
def test_rows_that_were_converted_go_with_their_file_whatever_their_id_is(place: Place, columns: Row | None) -> None:
    batch = place.predict([{**row, "order": f"o{number}"} for number, row in enumerate(place.rows)], id="order")
    made = f"batches/{MODEL}/{batch.batch}/in/rows.jsonl"
    place.home.uploads.write(made, encoded_rows([ConvertedRow(2, {"charges": OWN}, "o1", columns)]))
    if columns is not None:
        place.home.uploads.delete(batch.input)
    assert place.forget().inputs[made] == 1
    assert made not in place.home.uploads.keys("batches")


def test_the_order_of_another_person_is_no_persons_id_among_converted_rows(place: Place) -> None:
    batch = place.predict([{**row, "order": "o"} for row in place.rows[2:]], id="order")
    made = f"batches/{MODEL}/{batch.batch}/in/rows.jsonl"
    place.home.uploads.write(made, encoded_rows([ConvertedRow(2, {}, PERSON)]))
    assert place.forget().is_nothing


def test_a_file_that_is_predicted_again_and_again_is_named_and_left_to_whoever_makes_it(place: Place) -> None:
    key, odd = (f"scheduled/{MODEL}/{name}.csv" for name in ("nightly", "odd"))
    place.home.uploads.write(odd, b"?")
    place.home.uploads.write(key, f"customerid\n{PERSON}\n".encode())
    found = place.forget()
    assert (found.scheduled, found.unread, found.is_nothing) == ({key: 1}, (odd,), True)
    assert place.home.uploads.keys("scheduled") == [key, odd]


def test_a_long_cell_of_a_result_is_read(place: Place) -> None:
    place.rows[0] |= {"note": "x" * 200_000}
    place.predict(output="csv", keep_columns=True)
    place.forget()
    assert place.holding(PERSON) == []


def test_text_with_line_breaks_and_quotes_stays_what_it_is(place: Place) -> None:
    place.rows[0] |= {"note": 'two\nlines, "quoted"'}
    batch = place.predict(output="csv", keep_columns=True)
    part = f"batches/{MODEL}/{batch.batch}/out/part-00001.csv.gz"
    before = read_csv(unpacked(place.home.uploads.read(part).body))
    place.forget()
    assert read_csv(unpacked(place.home.uploads.read(part).body)) == [row for row in before if PERSON not in row]
    assert any('two\nlines, "quoted"' in row for row in before)
