"""Tokens, windows and characters, compared with how the tokenizers library itself truncates a long pair."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from functions.core.errors import DamagedVersionError
from functions.predictors.question_answering.pairs import PairReader
from functions.predictors.question_answering.parameters import AnsweringParameters
from functions.predictors.question_answering.windows import Frame, TokenizedText, cut
from functions.predictors.tokenizer import open_tokenizer
from tests.predictors.asked_texts import QUESTIONS, SENTENCES
from tests.predictors.question_answering.tiny_answering import LENGTH, SETTINGS, TOKENIZERS, tokenizer

TEXTS = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=5).map(" ".join) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=60
)


def tokens(kind: str, text: str) -> TokenizedText:
    return TokenizedText.of(open_tokenizer(tokenizer(kind)).encode(text, add_special_tokens=False))


def words(kind: str, text: str) -> list[str]:
    """The text's words, as answers of one token each would show them."""
    found = tokens(kind, text)
    places = np.arange(len(found.ids))
    characters = found.characters(slice(0, len(places)), places, places, whole_words=True)
    return [text[start:end] for start, end in dict.fromkeys(map(tuple, characters.tolist()))]


@pytest.mark.parametrize("kind", TOKENIZERS)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("La matrícula cuesta ñandú", ["La", "matrícula", "cuesta", "ñandú"]),
        ("uno\r\ndos\ttres", ["uno", "dos", "tres"]),
        ("paga 🎓 ya", ["paga", "🎓", "ya"]),
        ("va 👩🏽\u200d🎓 ya", ["va", "👩🏽\u200d🎓", "ya"]),
        ("😀😀 fin", ["😀😀", "fin"]),
        ("שלום עולם", ["שלום", "עולם"]),
        ("x\u00a0y\u2003z", ["x", "y", "z"]),
        ("a \0 b", ["a", "b"]),
        ("un " + "a" * 300, ["un", "a" * 300]),
    ],
)
def test_words_have_their_places_in_the_text(kind: str, text: str, expected: list[str]) -> None:
    found = words(kind, text)
    assert [one for one in found if one in expected] == expected
    assert not "".join(one for one in found if one not in expected).strip().strip("\0")


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_a_combining_accent_in_a_word_is_in_the_answer(kind: str) -> None:
    text = "la man\u0303ana es"
    found = tokens(kind, text)
    starts, ends = np.flatnonzero(found.offsets[:, 0] == 3)[:1], np.flatnonzero(found.offsets[:, 1] == 10)[-1:]
    [[start, end]] = found.characters(slice(0, len(found.ids)), starts, ends, whole_words=True).tolist()
    assert text[start:end] == "man\u0303ana"


@pytest.mark.parametrize("kind", TOKENIZERS)
@pytest.mark.parametrize("text", ["<s> </s> <mask> <pad>", "[CLS] [SEP] [MASK] [PAD]", "</s></s>", "[SEP][SEP]"])
def test_the_name_of_a_special_token_is_text(kind: str, text: str) -> None:
    found = tokens(kind, text)
    assert {0, 1, 2, 3, 4}.isdisjoint(set(found.ids.tolist()) - {1 if kind == "word_pieces" else None})
    assert "".join(text[start:end] for start, end in found.offsets.tolist()) == text.replace(" ", "")


@given(st.integers(1, 60), st.integers(1, 20), st.data())
def test_windows_are_cut_as_tokenizers_does(length: int, room: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, room - 1))
    encoding = Tokenizer(models.WordLevel({"a": 0}, unk_token="a")).encode(["a"] * length, is_pretokenized=True)  # noqa: S106
    encoding.truncate(room, stride=overlap)
    lengths = [len(one) for one in (encoding, *encoding.overflowing)]
    found = list(cut(length, room, overlap))
    assert [one.stop - one.start for one in found] == lengths
    assert [one.start for one in found] == [place * (room - overlap) for place in range(len(found))]
    assert found[-1].stop == length


@pytest.mark.parametrize("kind", TOKENIZERS)
@given(question=st.sampled_from(QUESTIONS), text=TEXTS, length=st.integers(32, LENGTH), stride=st.integers(0, 5))
def test_windows_are_those_of_a_pair_that_tokenizers_truncates(
    kind: str, question: str, text: str, length: int, stride: int
) -> None:
    context = f"en {text} fin"
    reference = open_tokenizer(tokenizer(kind))
    reference.enable_truncation(length, stride=stride, strategy="only_second")
    pair = reference.encode(question, context)
    asked = AnsweringParameters(max_seq_len=length, doc_stride=stride, max_question_len=30).resolved(SETTINGS)
    reader = PairReader(tokenizer(kind))
    [ours] = reader.read([question], [context], asked)
    windows = list(reader.windows(ours))
    expected = [pair, *pair.overflowing]
    assert [one.ids.tolist() for one in windows] == [one.ids for one in expected]
    assert [one.types.tolist() for one in windows] == [one.type_ids for one in expected]
    assert reader.count([ours]) == sum(one.tokens for one in windows)
    for window, one in zip(windows, expected, strict=True):
        places = np.arange(window.part.stop - window.part.start)
        for whole_words in (True, False):
            found = ours.context.characters(window.part, places, places, whole_words=whole_words).tolist()
            assert found == [_characters(one, window.place.start + place, whole_words) for place in places.tolist()]


def _characters(encoding: Any, token: int, whole_words: bool) -> list[int]:
    if whole_words:
        return list(encoding.word_to_chars(encoding.token_to_word(token), sequence_index=1))
    return list(encoding.offsets[token])


@pytest.mark.parametrize("template", [None, "$A [SEP] $B", "[SEP] $B [SEP] $A"])
def test_a_tokenizer_that_does_not_set_a_question_apart_is_damage(template: str | None) -> None:
    made = Tokenizer(models.WordLevel({"a": 0, "[SEP]": 1}, unk_token="a"))  # noqa: S106
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    if template:
        made.post_processor = processors.TemplateProcessing(
            single="[SEP] $A", pair=template, special_tokens=[("[SEP]", 1)]
        )
    with pytest.raises(DamagedVersionError, match="of a pair"):
        Frame.of(made)
