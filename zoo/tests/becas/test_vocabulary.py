"""The smaller tokenizer cuts what it was made for as the whole one does, and answers end where words do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from zoo.becas.vocabulary import SPECIAL, Trimmed, trimmed
from zoo.tests.becas.tiny_base import PIECES, write_tokenizer

TEXT = "La beca paga 900."


@pytest.fixture
def small(tmp_path: Path) -> Trimmed:
    write_tokenizer(tmp_path / "tokenizer.json")
    return trimmed(json.loads((tmp_path / "tokenizer.json").read_bytes()), [TEXT])


def test_pieces_that_occur_are_kept_and_so_is_every_single_character_of_spanish(small: Trimmed) -> None:
    pieces = [piece for piece, _ in json.loads(small.tokenizer)["model"]["vocab"]]
    assert set(PIECES) - set(pieces) == {"木", "<mask>"}
    assert tuple(pieces[: len(SPECIAL)]) == SPECIAL
    assert [PIECES[row] for row in small.rows] == pieces


def test_punctuation_at_the_end_of_a_word_is_a_word_and_inside_it_is_none(small: Trimmed) -> None:
    tokenizer = Tokenizer.from_str(small.tokenizer)
    text = "paga 6,600. (abc)"
    encoding = tokenizer.encode(text, add_special_tokens=False)
    words: dict[int, list[tuple[int, int]]] = {}
    for word, offsets in zip(encoding.word_ids, encoding.offsets, strict=True):
        words.setdefault(word, []).append(offsets)
    found = [text[parts[0][0] : parts[-1][1]] for parts in words.values()]
    assert found == ["paga", "6,600", ".", "(", "abc", ")"]


def test_a_tokenizer_with_other_special_pieces_is_refused(tmp_path: Path) -> None:
    write_tokenizer(tmp_path / "tokenizer.json")
    other = json.loads((tmp_path / "tokenizer.json").read_bytes())
    other["model"]["vocab"].insert(0, ["a", -1.0])
    with pytest.raises(ValueError, match="does not begin with <s>"):
        trimmed(other, [TEXT])
