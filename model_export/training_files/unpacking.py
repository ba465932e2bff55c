"""The form of a file by its ending, and its content without gzip."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Literal, get_args

from functions.core.json_text import GZIP
from model_export.training_files.faults import brief, file_fault
from model_export.training_files.foreign import refuse_foreign

Form = Literal["csv", "json", "jsonl"]
GZIP_SUFFIX = ".gz"
WITH_GZIP_HEADER = 31
"""The value of wbits with which zlib reads the header of gzip."""
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Content:
    form: Form
    body: bytes | bytearray
    notes: tuple[str, ...]


def unpack(body: bytes, file_name: str, *, max_bytes: int) -> Content:
    """Unpack the content of a .csv, .json or .jsonl file, which may be in gzip (.csv.gz).

    The first bytes decide whether it is gzip, since browsers and stores unpack files and keep their names.
    It never holds more than `max_bytes` of unpacked content. Raises InvalidInputError.
    """
    name = file_name.lower()
    is_packed = body.startswith(GZIP)
    content = _gunzip(body, max_bytes) if is_packed else body
    refuse_foreign(content)
    if is_packed:
        return Content(_form(name, file_name), content, ("the file was unpacked with gzip",))
    notes = ("the file's name ends in .gz, but it is not compressed",) if name.endswith(GZIP_SUFFIX) else ()
    return Content(_form(name, file_name), content, notes)


def _form(name: str, file_name: str) -> Form:
    suffix = name.removesuffix(GZIP_SUFFIX).rpartition(".")[2]
    for form in get_args(Form):
        if suffix == form and "." in name:
            return form  # type: ignore[no-any-return]
    raise file_fault(
        f"{brief(file_name)}: a training file ends in .csv, .json or .jsonl, and in .gz after it if it is compressed",
        "file_type",
    )


def _gunzip(body: bytes, max_bytes: int) -> bytearray:
    unpacked = bytearray()
    rest = body
    while rest.startswith(GZIP):  # a file may have several members; zeros after the last are padding
        member = zlib.decompressobj(wbits=WITH_GZIP_HEADER)
        _unpack_member(member, rest, unpacked, max_bytes)
        rest = member.unused_data
    if rest.strip(b"\0"):
        raise file_fault("the gzip file is damaged: something follows its end", "gzip_invalid")
    return unpacked


def _unpack_member(member: zlib._Decompress, rest: bytes, unpacked: bytearray, max_bytes: int) -> None:
    try:
        while not member.eof:
            # One byte above the limit shows that it is exceeded, so a bomb is never unpacked.
            part = member.decompress(rest, min(CHUNK_BYTES, max_bytes + 1 - len(unpacked)))
            rest = member.unconsumed_tail
            if not part and not rest and not member.eof:
                raise file_fault("the gzip file ends too soon: send it again, or compress it again", "gzip_invalid")
            unpacked += part
            if len(unpacked) > max_bytes:
                raise file_fault(f"the file is larger than {max_bytes} bytes when it is unpacked", "too_large")
    except zlib.error:
        raise file_fault("the gzip file is damaged: send it again, or compress it again", "gzip_invalid") from None
