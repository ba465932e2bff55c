"""Files of one part: read, damaged, and of a newer format."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
import pytest

from functions.core.errors import DamagedVersionError
from functions.predictors.text.versioned_json import read_versioned


@dataclass(frozen=True, slots=True)
class Document:
    format_version: int
    words: tuple[str, ...]


def test_a_file_of_this_format_is_read() -> None:
    body = orjson.dumps({"format_version": 3, "words": ["a", "b"]})
    assert read_versioned(body, Document, "words.json", (2, 3)).words == ("a", "b")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{", r"words\.json cannot be read"),
        (b"[]", r"words\.json cannot be read"),
        (b"{}", r"words\.json cannot be read"),
        (b'{"format_version": 3, "words": 5}', r"words\.json cannot be read: words"),
        (b'{"format_version": 4, "words": []}', "format version 4, this Despliegue reads 2 and 3: install a newer one"),
    ],
)
def test_any_other_file_is_damage(body: bytes, reason: str) -> None:
    with pytest.raises(DamagedVersionError, match=reason):
        read_versioned(body, Document, "words.json", (2, 3))
