"""Encodings: UTF-8 and UTF-16 are known, Windows-1252 is what Excel writes, the rest is refused."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.errors import Fault, InvalidInputError
from model_export.training_files.decoding import decode_text

SPANISH = "nombre;año\nMálaga \u2013 «niño», 5 €;2000\n“Cádiz”, don\u2019t;2001\n"


def fault_of(body: bytes) -> Fault:
    with pytest.raises(InvalidInputError) as caught:
        decode_text(body)
    (fault,) = caught.value.faults
    assert fault.loc == ("file",)
    return fault


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff")))
def test_utf_8_is_read_as_it_is_with_or_without_its_mark(text: str) -> None:
    assert decode_text(text.encode()) == (text, ())
    assert decode_text(codecs.BOM_UTF8 + text.encode()) == (text, ())
    assert decode_text(bytearray(text.encode())) == (text, ())


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_known_by_its_mark(encoding: str) -> None:
    body = f"\ufeff{SPANISH}ж".encode(encoding)
    assert decode_text(body) == (f"{SPANISH}ж", ("the file is read as UTF-16",))
    assert fault_of(body[:-1]).type == "encoding"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32"])
def test_without_it_nul_bytes_are_seen(encoding: str) -> None:
    assert fault_of("a,b\n1,2\n".encode(encoding)).type == "nul_byte"


def test_what_excel_saves_in_spain_is_read_with_a_word_to_judge_by() -> None:
    text, notes = decode_text(SPANISH.encode("cp1252"))
    assert text == SPANISH
    assert notes == ("the file is not UTF-8 and was read as Windows-1252, such as 'año'",)


def test_json_is_never_guessed() -> None:
    with pytest.raises(InvalidInputError, match="byte 0xF1 in line 1 is not UTF-8: save the file as UTF-8"):
        decode_text('["año"]'.encode("cp1252"), is_json=True)
    assert decode_text(codecs.BOM_UTF8 + b"[]", is_json=True) == ("[]", ())


@pytest.mark.parametrize(
    ("body", "byte", "line"),
    [
        (b"a,b\n1,x\x81y\n", 0x81, 2),
        ("año,b\n\nMálaga,".encode() + b"C\xe1diz\n", 0xE1, 3),
        ("año\n".encode("mac-roman"), 0x96, 1),
    ],
    ids=["no byte of Windows-1252", "damaged UTF-8", "Macintosh"],
)
def test_a_guess_is_refused_with_the_byte_and_its_line(body: bytes, byte: int, line: int) -> None:
    assert fault_of(body) == Fault(
        ("file",), f"byte 0x{byte:02X} in line {line} is not UTF-8: save the file as UTF-8", "encoding"
    )


@pytest.mark.parametrize("body", [b"a,b\n1,\0\n", b"a,b\n\xf1,\0\n"])
def test_nul_bytes_are_refused_with_their_line(body: bytes) -> None:
    fault = fault_of(body)
    assert fault.type == "nul_byte"
    assert "line 2" in fault.msg
