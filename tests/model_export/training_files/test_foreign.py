"""Files of other programs, recognised by their first bytes."""

from __future__ import annotations

import io
import tarfile
import zipfile

import pytest

from functions.core.errors import InvalidInputError
from model_export.training_files.foreign import HEAD_BYTES, refuse_foreign


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
def test_other_files_are_called_by_their_name(body: bytes, what: str) -> None:
    for content in (body, bytearray(body)):
        with pytest.raises(InvalidInputError) as refusal:
            refuse_foreign(content)
        (fault,) = refusal.value.faults
        assert (fault.loc, fault.type) == (("file",), "file_type")
        assert what in fault.msg


@pytest.mark.parametrize("body", [b"PAR1,PAR2\n1,2\n", b"PK,price\n1,2\n", b"BZh,x\n", b"<a>,b\n"])
def test_headers_that_only_begin_alike_are_no_such_files(body: bytes) -> None:
    refuse_foreign(body)


def test_a_signature_further_on_is_text() -> None:
    refuse_foreign(b"note\n" + b"x" * HEAD_BYTES + b"%PDF-1.7 <html> PAR1")
