"""gzip, endings, and files that are something else."""

from __future__ import annotations

import gzip
import io
import tarfile
import tracemalloc
import zipfile
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


def archive(*names: str) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as file:
        for name in names:
            file.writestr(name, "x" * 5000)
    return body.getvalue()


def tar() -> bytes:
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w") as file:
        file.addfile(tarfile.TarInfo("rows.csv"))
    return body.getvalue()


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
def test_a_broken_gzip_file_is_told(body: bytes, message: str) -> None:
    fault = fault_of(body)
    assert fault.type == "gzip_invalid"
    assert message in fault.msg


def test_the_limit_is_that_of_the_unpacked_file() -> None:
    packed = gzip.compress(b"x" * 1000)
    assert len(unpack(packed, "a.csv", max_bytes=1000).body) == 1000
    assert fault_of(packed, limit=999) == Fault(
        ("file",), "the file is larger than 999 bytes when it is unpacked", "too_large"
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


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (archive("[Content_Types].xml", "xl/workbook.xml"), "Excel workbook (.xlsx)"),
        (archive("docProps/app.xml", "xl/theme.xml", "xl/workbook.xml"), "Excel workbook (.xlsx)"),
        (archive("rows.csv"), "zip archive"),
        (b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "OpenDocument"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"),
        (b"PAR1\x15\x04\x15PAR1", "Parquet"),
        (b"%PDF-1.7\n", "PDF"),
        (b"SQLite format 3\0", "SQLite"),
        (b"BZh91AY&SY", "bzip2"),
        (b"\xfd7zXZ\0", "xz"),
        (b"\x28\xb5\x2f\xfd\0", "zstd"),
        (b"\x80\x04\x95\0", "pickle"),
        (tar(), "tar archive"),
        (b"\n<!DOCTYPE html><title>Log in</title>", "web page"),
    ],
)
@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize("name", ["rows.csv", "rows.xlsx", "rows"])
def test_other_files_are_called_by_their_name(body: bytes, what: str, is_packed: bool, name: str) -> None:
    fault = fault_of(gzip.compress(body) if is_packed else body, name)
    assert fault.type == "file_type"
    assert what in fault.msg


def test_gzip_in_gzip_is_told() -> None:
    assert "twice" in fault_of(gzip.compress(gzip.compress(TABLE))).msg


@pytest.mark.parametrize("body", [b"PAR1,PAR2\n1,2\n", b"PK,price\n1,2\n", b"BZh,x\n", b"<a>,b\n"])
def test_headers_that_only_begin_alike_are_no_such_files(body: bytes) -> None:
    assert unpack(body, "rows.csv", max_bytes=LIMIT).body == body
