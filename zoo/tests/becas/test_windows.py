"""Windows hold the answer's own tokens, and batches no more tokens than they may."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from functions.predictors.question_answering.pairs import PairReader
from functions.predictors.question_answering.parameters import AnsweringParameters, AnsweringSettings
from zoo.becas.reading import Example
from zoo.becas.windows import LENGTH, STRIDE, Learnt, batches, collate, windows_of
from zoo.draws import Draws

QUESTION = "¿Cuánto paga la beca?"
TEXT = "Se pide en el portal de la universidad, con la identificación oficial. " * 60
ANSWER = "900 pesos"


@pytest.fixture(scope="module")
def served(root: Path) -> bytes:
    return (root / "models" / "becas" / "baked" / "tokenizer.json").read_bytes()


@pytest.fixture(scope="module")
def tokenizer(served: bytes) -> Tokenizer:
    return Tokenizer.from_str(served.decode())


@pytest.fixture(scope="module")
def rows(tokenizer: Tokenizer) -> list[Learnt]:
    text = f"{TEXT} La beca paga {ANSWER} al mes. {TEXT}"
    start = text.index(ANSWER)
    return list(windows_of(tokenizer, Example(QUESTION, text, (start, start + len(ANSWER)))))


def test_the_answer_of_a_window_is_the_text_of_its_tokens(tokenizer: Tokenizer, rows: list[Learnt]) -> None:
    answers = [tokenizer.decode(list(row.ids[row.start : row.end + 1])).strip() for row in rows if row.start]
    assert answers
    assert set(answers) == {ANSWER}
    assert any(not row.start and not row.end for row in rows)


def test_windows_are_those_in_which_a_version_is_served(served: bytes, rows: list[Learnt]) -> None:
    text = f"{TEXT} La beca paga {ANSWER} al mes. {TEXT}"
    reader = PairReader(served)
    settings = AnsweringSettings(LENGTH)
    assert settings.overlap(LENGTH) == STRIDE
    (pair,) = reader.read([QUESTION], [text], AnsweringParameters().resolved(settings))
    assert [tuple(window.ids.tolist()) for window in reader.windows(pair)] == [row.ids for row in rows]


def test_a_batch_with_its_padding_holds_no_more_than_it_may(rows: list[Learnt]) -> None:
    short = [Learnt(tuple(range(2, 2 + size)), (5, size - 1)) for size in range(20, 120)]
    found = batches([*rows, *short], 800, Draws(1))
    assert sorted(len(row.ids) for batch in found for row in batch) == sorted(len(row.ids) for row in [*rows, *short])
    assert all(max(len(row.ids) for row in batch) * len(batch) <= 800 for batch in found)


def test_an_answer_is_in_the_context_or_nowhere(rows: list[Learnt]) -> None:
    batch = collate([rows[0], Learnt((0, 7, 2, 2, 9, 2), (4, 5), 4, 4)])
    assert torch.equal(batch.barred[1, :7], torch.tensor([False, True, True, True, False, True, True]))
    assert batch.is_token.sum(1).tolist() == [len(rows[0].ids), 6]
    assert (batch.start.tolist()[1], batch.end.tolist()[1]) == (4, 4)
