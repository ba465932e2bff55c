"""Unpacking of gzip, and the form of a file by its ending."""

from __future__ import annotations

import gzip
import time
import tracemalloc
import zlib

import pytest

from functions.core.errors import Fault, InvalidInputError
from model_export.training_files.unpacking import unpack

TABLE = b"year,price\n2000,1\n"
PACKED = gzip.compress(TABLE, mtime=0)
LIMIT = 1_000_000


def fault_of(body: bytes, name: str = "rows.csv", limit: int = LIMIT) -> Fault:
    with pytest.raises(InvalidInputError) as caught:
        unpack(body, name, max_bytes=limit)
    (fault,) = caught.value.faults
    assert fault.loc == ("file",)
    return fault


@pytest.mark.parametrize(("name", "form"), [("a.csv", "csv"), ("A.JSON", "json"), ("a.b.jsonl", "jsonl")])
def test_the_ending_says_what_the_file_is(name: str, form: str) -> None:
    assert unpack(TABLE, name, max_bytes=LIMIT).form == form
    assert unpack(gzip.compress(TABLE), f"{name}.gz", max_bytes=LIMIT).form == form


@pytest.mark.parametrize("name", ["rows.csv", "rows.csv.gz", "ROWS.CSV.GZ"])
def test_gzip_is_known_by_its_first_bytes(name: str) -> None:
    found = unpack(gzip.compress(TABLE), name, max_bytes=LIMIT)
    assert (found.body, found.notes) == (TABLE, ("the file was unpacked with gzip",))


def test_a_file_that_was_unpacked_on_its_way_is_read() -> None:
    found = unpack(TABLE, "rows.csv.gz", max_bytes=LIMIT)
    assert (found.body, found.notes) == (TABLE, ("the file's name ends in .gz, but it is not compressed",))


def test_parts_that_were_packed_one_by_one_are_one_file() -> None:
    packed = gzip.compress(TABLE[:5]) + gzip.compress(b"") + gzip.compress(TABLE[5:]) + b"\0" * 512
    assert unpack(packed, "rows.csv", max_bytes=LIMIT).body == TABLE


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (PACKED[:-1], "ends too soon"),
        (PACKED[:12], "ends too soon"),
        (b"\x1f\x8b", "ends too soon"),
        (PACKED[:-8] + b"\0" * 8, "damaged"),
        (b"\x1f\x8b" + b"x" * 50, "damaged"),
        (PACKED + b"more", "something follows its end"),
    ],
)
def test_a_broken_gzip_file_is_reported(body: bytes, message: str) -> None:
    fault = fault_of(body)
    assert fault.type == "gzip_invalid"
    assert message in fault.msg


def test_the_limit_is_for_the_unpacked_file() -> None:
    packed = gzip.compress(b"x" * 1000)
    assert len(unpack(packed, "a.csv", max_bytes=1000).body) == 1000
    assert fault_of(packed, limit=999) == Fault(
        ("file",), "the file is larger than 999 bytes (max_training_bytes) when it is unpacked", "too_large"
    )
    assert fault_of(gzip.compress(b"x" * 600) * 2, limit=1000).type == "too_large"


def test_a_bomb_takes_no_more_memory_than_the_limit() -> None:
    packer = zlib.compressobj(9, wbits=31)
    zeros = b"\0" * 1_000_000
    bomb = b"".join(packer.compress(zeros) for _ in range(1000)) + packer.flush()
    assert len(bomb) < 2_000_000
    tracemalloc.start()
    fault = fault_of(bomb, "rows.csv.gz", limit=5_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert fault.type == "too_large"
    assert peak < 12_000_000


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize("name", ["rows.csv", "rows.xlsx", "rows"])
def test_another_file_is_named_with_any_ending_and_even_in_gzip(is_packed: bool, name: str) -> None:
    body = b"%PDF-1.7\n"
    fault = fault_of(gzip.compress(body) if is_packed else body, name)
    assert (fault.msg, fault.type) == ("the file is a PDF: save the table as CSV (UTF-8)", "file_type")


def test_gzip_in_gzip_is_reported() -> None:
    assert "twice" in fault_of(gzip.compress(gzip.compress(TABLE))).msg


def test_a_file_of_very_many_empty_parts_is_refused_at_once() -> None:
    packed = gzip.compress(b"", mtime=0) * 250_000
    started = time.process_time()
    fault = fault_of(packed)
    assert time.process_time() - started < 5
    assert (fault.type, fault.msg) == (
        "gzip_invalid",
        "the gzip file has more than 10000 parts: compress it as one",
    )


def test_as_many_parts_as_the_limit_are_one_file() -> None:
    packed = gzip.compress(b"a\n", mtime=0) * 10_000
    assert unpack(packed, "rows.csv", max_bytes=LIMIT).body == b"a\n" * 10_000
