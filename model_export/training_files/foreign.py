"""Recognition of files that are no text tables by their first bytes, so that the message can name them."""

from __future__ import annotations

from functions.core.errors import InvalidInputError
from model_export.training_files.faults import file_fault

AS_CSV = "save the table as CSV (UTF-8)"
# First bytes. Letters alone, such as PAR1, could be a header, so Parquet is recognised by its start and its end.
SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "a PDF", AS_CSV),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls)", AS_CSV),
    (b"ARROW1", "an Arrow (feather) file", AS_CSV),
    (b"\x89HDF\r\n", "an HDF5 file", AS_CSV),
    (b"SQLite format 3\0", "an SQLite database", "export the table as CSV"),
    (b"BZh91AY&SY", "compressed with bzip2", "use gzip, or no compression"),
    (b"\xfd7zXZ\0", "compressed with xz", "use gzip, or no compression"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "use gzip, or no compression"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "send the file in it, as it is or compressed with gzip"),
    (b"Rar!\x1a\x07", "a RAR archive", "send the file in it, as it is or compressed with gzip"),
    (b"\x1f\x8b", "compressed with gzip twice", "compress it once"),
    (b"\x80\x04\x95", "a Python pickle", AS_CSV),
    (b"\x80\x05\x95", "a Python pickle", AS_CSV),
    (b"\x89PNG\r\n", "a picture", AS_CSV),
    (b"\xff\xd8\xff", "a picture", AS_CSV),
)
ZIP = b"PK\x03\x04"
WORKBOOKS = (
    (b"xl/workbook.", "an Excel workbook (.xlsx)"),
    (b"opendocument.spreadsheet", "an OpenDocument sheet (.ods)"),
)
PARQUET = b"PAR1"
TAR = b"ustar"
# The magic number of a tar archive is in the middle of its first header.
TAR_AT = 257
# Portals answer with a page to log in where a download is expected.
PAGES = (b"<!doctype html", b"<html")
HEAD_BYTES = 4096


def refuse_foreign(body: bytes | bytearray) -> None:
    """Raise InvalidInputError for the content of a workbook, an archive, a web page and the like."""
    head = bytes(body[:HEAD_BYTES])
    for signature, what, advice in SIGNATURES:
        if head.startswith(signature):
            raise file_fault(f"the file is {what}: {advice}", "file_type")
    if head.startswith(ZIP):
        raise _zip_fault(body)
    if head.startswith(PARQUET) and bytes(body[-4:]) == PARQUET:
        raise file_fault(f"the file is a Parquet file: {AS_CSV}", "file_type")
    if head[TAR_AT : TAR_AT + len(TAR)] == TAR:
        raise file_fault("the file is a tar archive: send the file in it", "file_type")
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(PAGES):
        raise file_fault("the file is a web page, perhaps a login or an error: download the table again", "file_type")


def _zip_fault(body: bytes | bytearray) -> InvalidInputError:
    for part, what in WORKBOOKS:
        if part in body:
            return file_fault(f"the file is {what}: save the sheet as CSV UTF-8", "file_type")
    return file_fault(
        "the file is a zip archive: send the file in it, as it is or compressed with gzip (.gz)", "file_type"
    )
