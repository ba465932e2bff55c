from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from zoo.becas.batches import BATCH_TOKENS, SHAPES, Lessons, batches
from zoo.becas.corpus import pages
from zoo.becas.features import Feature
from zoo.draws import Draws

TAKEN = 12


@pytest.fixture(scope="module")
def tokenizer(root: Path) -> Tokenizer:
    return Tokenizer.from_file(str(root / "models" / "becas" / "baked" / "tokenizer.json"))


@pytest.fixture(scope="module")
def found(tokenizer: Tokenizer) -> list[list[Feature]]:
    return _taken(tokenizer)


def test_a_batch_with_its_padding_holds_no_more_than_it_may(found: list[list[Feature]]) -> None:
    sizes = [max(len(one.ids) for one in batch) * len(batch) for batch in found]
    assert max(sizes) <= BATCH_TOKENS
    assert sorted(sizes)[TAKEN // 2] > BATCH_TOKENS / 2


def test_little_of_a_batch_is_padding(found: list[list[Feature]]) -> None:
    padded = sum(max(len(one.ids) for one in batch) * len(batch) for batch in found)
    assert sum(len(one.ids) for batch in found for one in batch) > 0.8 * padded


def test_no_question_comes_twice_and_batches_come_in_any_order_of_lengths(found: list[list[Feature]]) -> None:
    questions = [one.ids for batch in found for one in batch]
    assert len(set(questions)) > 0.99 * len(questions)
    longest = [max(len(one.ids) for one in batch) for batch in found]
    assert longest != sorted(longest)


def test_equal_draws_give_equal_batches(tokenizer: Tokenizer, found: list[list[Feature]]) -> None:
    assert _taken(tokenizer) == found


def _taken(tokenizer: Tokenizer) -> list[list[Feature]]:
    asked = pages(3, "train", shape=SHAPES[0], questions=3)
    return list(itertools.islice(batches(tokenizer, asked, Draws(1)), TAKEN))


def test_texts_grow_while_the_training_goes_on(tokenizer: Tokenizer) -> None:
    lessons = Lessons(tokenizer, "core", 5, Draws(5))
    first, last = ([max(len(one.ids) for one in lessons.next(over)) for _ in range(12)] for over in (0.0, 0.99))
    assert max(first) < 250
    assert sum(last) > 3 * sum(first)
