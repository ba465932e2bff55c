"""The form of a file by its ending, and its content without gzip."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Literal, get_args

from functions.core.json_text import GZIP
from functions.core.uploads import FILE_ENDINGS
from model_export.training_files.faults import brief, file_fault
from model_export.training_files.foreign import refuse_foreign

Form = Literal["csv", "json", "jsonl"]
GZIP_SUFFIX = ".gz"
WITH_GZIP_HEADER = 31
"""The value of wbits with which zlib reads the header of gzip."""
CHUNK_BYTES = 1 << 20
PIECE_BYTES = 1 << 14
MOST_MEMBERS = 10_000
"""The most parts of a gzip file; bgzip, which makes many, makes one for each 64 KB."""


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
    raise file_fault(f"{brief(file_name)}: {FILE_ENDINGS}", "file_type")


def _gunzip(body: bytes, max_bytes: int) -> bytearray:
    unpacked = bytearray()
    place = members = 0
    while body.startswith(GZIP, place):  # a file may have several members; zeros after the last are padding
        members += 1
        if members > MOST_MEMBERS:
            raise file_fault(f"the gzip file has more than {MOST_MEMBERS} parts: compress it as one", "gzip_invalid")
        place = _unpack_member(body, place, unpacked, max_bytes)
    if body[place:].strip(b"\0"):
        raise file_fault("the gzip file is damaged: something follows its end", "gzip_invalid")
    return unpacked


def _unpack_member(body: bytes, place: int, unpacked: bytearray, max_bytes: int) -> int:
    """Append the content of the member at `place` to `unpacked`; returns the place of its end."""
    member = zlib.decompressobj(wbits=WITH_GZIP_HEADER)
    try:
        while not member.eof:
            # zlib copies what a call leaves over, so a call gets a piece: with the whole rest, many small members
            # would cost the square of their number
            piece = body[place : place + PIECE_BYTES]
            # One byte above the limit shows that it is exceeded, so a bomb is never unpacked.
            part = member.decompress(piece, min(CHUNK_BYTES, max_bytes + 1 - len(unpacked)))
            used = len(piece) - len(member.unconsumed_tail) - len(member.unused_data)
            if not part and not used and not member.eof:
                raise file_fault("the gzip file ends too soon: send it again, or compress it again", "gzip_invalid")
            place += used
            unpacked += part
            if len(unpacked) > max_bytes:
                raise file_fault(
                    f"the file is larger than {max_bytes} bytes (max_training_bytes) when it is unpacked", "too_large"
                )
    except zlib.error:
        raise file_fault("the gzip file is damaged: send it again, or compress it again", "gzip_invalid") from None
    return place
