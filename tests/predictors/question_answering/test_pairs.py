"""Pairs of a question and a context: their tokens, their windows, and the texts that are refused."""

from __future__ import annotations

from itertools import pairwise

import pytest

from functions.core.errors import DamagedVersionError, InvalidInputError
from functions.predictors.question_answering.pairs import SMALLEST_WINDOW_TOKENS, PairReader
from functions.predictors.question_answering.parameters import AnsweringParameters, AnsweringSettings
from tests.predictors.question_answering.tiny_answering import SETTINGS, TOKENIZERS, tokenizer

SPECIAL = {"word_pieces": 3, "byte_pairs": 4}
"""Special tokens of one window of each tokenizer."""


def refused(kind: str, question: str, context: str, **asked: int) -> list[tuple[object, str, str]]:
    with pytest.raises(InvalidInputError) as caught:
        PairReader(tokenizer(kind)).read([question], [context], AnsweringParameters(**asked).resolved(SETTINGS))
    return [(fault.loc, fault.type, fault.msg) for fault in caught.value.faults]


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_a_pair_that_fits_is_one_window_with_its_context_in_place(kind: str) -> None:
    reader = PairReader(tokenizer(kind))
    [pair] = reader.read(["a b"], ["c d e"], AnsweringParameters().resolved(SETTINGS))
    [window] = reader.windows(pair)
    assert window.ids[window.place].tolist() == pair.context.ids.tolist()
    assert len(window.ids) == len(pair.question.ids) + len(pair.context.ids) + SPECIAL[kind]
    assert reader.count([pair, pair]) == 2 * len(window.ids)


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_windows_of_a_long_context_share_the_stride_and_count_the_question_each_time(kind: str) -> None:
    reader = PairReader(tokenizer(kind))
    asked = AnsweringParameters(max_seq_len=12, doc_stride=2).resolved(SETTINGS)
    [pair] = reader.read(["a"], ["b c d e " * 5], asked)
    parts = [window.part for window in reader.windows(pair)]
    assert all(before.stop - after.start == 2 for before, after in pairwise(parts))
    assert parts[-1].stop == len(pair.context.ids)
    first, *further = reader.windows(pair)
    assert {len(window.ids) for window in further[:-1]} == {12}
    assert [window.tokens for window in further] == [SMALLEST_WINDOW_TOKENS] * len(further)
    assert reader.count([pair]) == len(first.ids) + SMALLEST_WINDOW_TOKENS * len(further)


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_a_window_longer_than_the_smallest_counts_as_it_is(kind: str) -> None:
    reader, longer = PairReader(tokenizer(kind)), AnsweringSettings(max_length=SMALLEST_WINDOW_TOKENS + 6)
    [pair] = reader.read(["a"], ["b c d e " * 40], AnsweringParameters().resolved(longer))
    first, second, *_ = reader.windows(pair)
    assert first.tokens == second.tokens == len(second.ids) == SMALLEST_WINDOW_TOKENS + 6


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_each_text_that_cannot_be_read_has_its_own_reason(kind: str) -> None:
    assert refused(kind, " ", "\ud800") == [
        ((0, "question"), "unreadable", "must not be blank"),
        ((0, "context"), "unreadable", "holds half of a surrogate pair, which is no character"),
    ]


@pytest.mark.parametrize("kind", TOKENIZERS)
def test_a_question_that_leaves_no_room_is_refused_with_the_numbers(kind: str) -> None:
    [(loc, type_, message)] = refused(kind, "a", "b c d e " * 5, max_seq_len=6, doc_stride=5)
    room = 6 - SPECIAL[kind] - 1
    assert (loc, type_) == ((0, "question"), "too_long")
    assert message.startswith(f"its 1 tokens leave room for {room} of the context in a window of 6")


def test_a_file_that_is_no_tokenizer_is_a_damaged_version() -> None:
    with pytest.raises(DamagedVersionError, match=r"tokenizer\.json"):
        PairReader(b"{}")
