"""Decoding of the bytes of a file."""

from __future__ import annotations

import re

from functions.core.json_text import UTF_16, not_utf_8
from model_export.training_files.faults import brief, file_fault

SEQUENCE_OF_UTF_8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
# Without 0x92, which is an apostrophe in Windows-1252.
SYMBOL_IN_A_WORD = re.compile(rb"[A-Za-z][\x80-\x91\x93-\x9f][A-Za-z]")
NOT_ASCII = re.compile(r"[^\s,;|\"]{0,20}[^\x00-\x7f][^\s,;|\"]{0,20}")


def decode_text(body: bytes | bytearray, *, is_json: bool = False) -> tuple[str, tuple[str, ...]]:
    """The text of a file, with a note if it is not UTF-8.

    UTF-16 is recognised by its byte order mark. Any other encoding is read as Windows-1252 (of which Latin-1 is a
    part), because Excel saves "CSV" so in Western Europe; the note shows a word of it. Raises InvalidInputError, with
    the byte and its line, if that would be a guess: for bytes that Windows-1252 lacks, for symbols within a word, which
    old Macintosh files would give, and for valid UTF-8 elsewhere in the file, which makes the byte a damaged one.
    Nothing is guessed for JSON, which is UTF-8 by its standard: a file and the body of a request are read alike.
    """
    if body.startswith(UTF_16):
        return _from_utf_16(body), ("the file is read as UTF-16",)
    try:
        text, notes = body.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        return _from_windows(body, error.start, is_json=is_json)
    _refuse_nul(text)
    return text, notes


def _from_utf_16(body: bytes | bytearray) -> str:
    try:
        text = body.decode("utf-16")
    except UnicodeDecodeError as error:
        raise file_fault(
            f"the file begins as UTF-16, but byte {error.start} cannot be read: save it as UTF-8", "encoding"
        ) from None
    _refuse_nul(text)
    return text


def _from_windows(body: bytes | bytearray, start: int, *, is_json: bool) -> tuple[str, tuple[str, ...]]:
    fault = file_fault(f"{not_utf_8(body, start)}: save the file as UTF-8", "encoding")
    if is_json or SEQUENCE_OF_UTF_8.search(body) or SYMBOL_IN_A_WORD.search(body):
        raise fault
    try:
        text = body.decode("cp1252")
    except UnicodeDecodeError:
        raise fault from None
    _refuse_nul(text)
    word = NOT_ASCII.search(text)
    example = f", such as {brief(word.group())}" if word else ""
    return text, (f"the file is not UTF-8 and was read as Windows-1252{example}",)


def _refuse_nul(text: str) -> None:
    position = text.find("\0")
    if position >= 0:
        line = text.count("\n", 0, position) + 1
        raise file_fault(f"line {line} holds a NUL byte: the file is damaged, or is no UTF-8 text", "nul_byte")
