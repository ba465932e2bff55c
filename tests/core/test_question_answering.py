"""The schema of question answering: two texts, both required, and neither empty."""

from __future__ import annotations

from typing import Any

import pytest

from functions.core.errors import InvalidInputError
from functions.core.question_answering import CONTEXT, QUESTION, SCHEMA
from functions.core.validator import Validator

INSTANCE = {QUESTION: "Where?", CONTEXT: "In Lima."}


def test_a_question_with_its_context_is_an_instance() -> None:
    assert Validator(SCHEMA).table([INSTANCE]) == {"question": ["Where?"], "context": ["In Lima."]}


@pytest.mark.parametrize("name", [QUESTION, CONTEXT])
@pytest.mark.parametrize("value", ["", None, 1, ["a"]])
def test_both_are_texts_that_are_not_empty(name: str, value: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Validator(SCHEMA).table([{**INSTANCE, name: value}])
    assert [fault.loc for fault in caught.value.faults] == [(0, name)]


def test_free_text_has_no_levels_that_training_records() -> None:
    assert [feature.learns_levels for feature in (*SCHEMA.features, SCHEMA.target)] == [False, False, False]
