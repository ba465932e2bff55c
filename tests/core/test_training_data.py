"""Training rows: stored once under their digest, and given back as they were or not at all."""

from __future__ import annotations

import hashlib
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core import training_data
from functions.core.errors import DamagedVersionError, InvalidInputError, ObjectNotFoundError
from functions.core.local_storage import LocalStorage
from functions.core.schema import Table, Value

TABLE: Table = {"b": ["x", None, "ñ"], "a": [1, 2.5, -0.0]}
REST: Table = {"b": ["x"], "a": [1]}


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path)


def test_a_table_comes_back_as_it_was(storage: LocalStorage) -> None:
    found = training_data.load(storage, training_data.store(storage, TABLE))
    assert found == TABLE
    assert list(found) == ["b", "a"]
    assert [type(value) for value in found["a"]] == [int, float, float]


def test_datetimes_come_back_as_they_were(storage: LocalStorage) -> None:
    moments: list[Value] = [
        datetime(2026, 11, 29),
        None,
        datetime.min,
        datetime.max,
        datetime(1969, 12, 31, 23, 59, 59, 1),
    ]
    table: Table = {"when": moments, "text": ["2026-11-29"] * 5}
    assert training_data.load(storage, training_data.store(storage, table), ("when",)) == table


def test_equal_tables_are_one_object(storage: LocalStorage) -> None:
    first = training_data.store(storage, TABLE)
    assert training_data.store(storage, {name: list(column) for name, column in TABLE.items()}) == first
    assert storage.children("data") == [first]


def test_other_rows_are_another_object(storage: LocalStorage) -> None:
    tables: list[Table] = [TABLE, {**TABLE, "a": [1, 2.5, 3]}, {"a": []}]
    digests = {training_data.store(storage, table) for table in tables}
    assert storage.children("data") == sorted(digests)
    assert len(digests) == 3


def test_the_name_is_the_digest_of_the_bytes(storage: LocalStorage) -> None:
    digest = training_data.store(storage, TABLE)
    assert hashlib.sha256(storage.read(f"data/{digest}").body).hexdigest() == digest


def test_missing_rows_are_named(storage: LocalStorage) -> None:
    with pytest.raises(DamagedVersionError, match="data/abc is missing"):
        training_data.load(storage, "abc")


def test_changed_rows_are_refused(storage: LocalStorage) -> None:
    digest = training_data.store(storage, TABLE)
    storage.write(f"data/{digest}", training_data.encode({"b": ["x"], "a": [1]}))
    with pytest.raises(DamagedVersionError, match=f"data/{digest} differs"):
        training_data.load(storage, digest)


cells = st.none() | st.text() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)


@given(st.dictionaries(st.text(min_size=1), st.lists(cells, max_size=4), max_size=3))
def test_equal_bytes_mean_equal_tables(table: Table) -> None:
    body = training_data.encode(table)
    assert training_data.encode(dict(table.items())) == body
    assert training_data.encode({**table, "more": [1]}) != body


def test_an_encoded_table_is_kept_under_the_same_digest(storage: LocalStorage) -> None:
    digest = training_data.store(storage, TABLE)
    body = training_data.load_encoded(storage, digest)
    assert training_data.store_encoded(storage, body) == digest
    assert storage.children("data") == [digest]


def test_missing_and_damaged_rows_are_different_errors(storage: LocalStorage) -> None:
    digest = training_data.store(storage, TABLE)
    storage.write(f"data/{digest}", b"{}")
    with pytest.raises(DamagedVersionError, match="differs"):
        training_data.load_encoded(storage, digest)
    storage.delete(f"data/{digest}")
    with pytest.raises(ObjectNotFoundError):
        training_data.load_encoded(storage, digest)


def test_too_few_rows_are_refused_with_the_least_number() -> None:
    training_data.require_enough_rows(20, 20)
    with pytest.raises(InvalidInputError) as refused:
        training_data.require_enough_rows(19, 20, ("body", "instances"))
    (fault,) = refused.value.faults
    assert (fault.loc, fault.type) == (("body", "instances"), "too_short")
    assert fault.msg == "19 labelled instances are too few to train on: send at least 20"


class TestForgotten:
    """A record in place of a table, which leads to the table with the other rows."""

    def note(self, storage: LocalStorage, digest: str, rest: str) -> None:
        record = training_data.Forgotten("2026-01-01T00:00:00.000000Z", 2, rest)
        training_data.note_forgotten(storage, digest, record)
        training_data.delete_rows(storage, digest)

    def test_the_other_rows_are_loaded_over_several_records(self, storage: LocalStorage) -> None:
        digests = [training_data.store(storage, table) for table in (TABLE, {"b": ["x", "y"], "a": [1, 2]}, REST)]
        for before, after in pairwise(digests):
            self.note(storage, before, after)
        assert training_data.current(storage, digests[0]) == digests[2]
        assert training_data.load(storage, digests[0]) == REST
        following = training_data.successors(storage)
        assert following == dict(pairwise(digests))
        assert training_data.with_successors({digests[1], "x"}, following) == {"x", *digests[1:]}

    def test_a_table_that_is_there_is_read_whatever_a_record_says(self, storage: LocalStorage) -> None:
        digest = training_data.store(storage, TABLE)
        self.note(storage, digest, training_data.store(storage, REST))
        assert training_data.store(storage, TABLE) == digest
        assert training_data.load(storage, digest) == TABLE

    def test_the_table_it_leads_to_is_checked_too(self, storage: LocalStorage) -> None:
        digest, rest = training_data.store(storage, TABLE), training_data.store(storage, REST)
        self.note(storage, digest, rest)
        storage.write(f"data/{rest}", b"{}")
        with pytest.raises(DamagedVersionError, match=f"data/{rest} differs"):
            training_data.load(storage, digest)

    @pytest.mark.parametrize("body", [b"{", b"{}", b"[]", b'{"time": "", "rows": "two", "digest": "x"}'])
    def test_a_record_that_is_none_is_refused(self, storage: LocalStorage, body: bytes) -> None:
        storage.write("data/abc.forgotten.json", body)
        with pytest.raises(DamagedVersionError, match=r"data/abc\.forgotten\.json cannot be read"):
            training_data.load(storage, "abc")

    def test_records_that_lead_in_a_circle_are_refused(self, storage: LocalStorage) -> None:
        for digest, rest in (("a", "b"), ("b", "a")):
            self.note(storage, digest, rest)
        with pytest.raises(DamagedVersionError, match="leads back to itself"):
            training_data.load(storage, "a")
        assert training_data.with_successors({"a"}, training_data.successors(storage)) == {"a", "b"}
