"""The spelling of columns and texts that a model's settings bring to its own."""

from __future__ import annotations

import pytest

from functions.core.definition import FileSettings
from functions.core.spelling import column_name, snake_case


def test_snake_case_has_lower_letters_and_underscores() -> None:
    assert [snake_case(text) for text in (" No Way ", "ÑU", "a  b", "A-b")] == ["no_way", "ñu", "a__b", "a-b"]


@pytest.mark.parametrize(
    ("files", "name"),
    [
        (FileSettings(), "The Age"),
        (FileSettings(snake_case_columns=True), "the_age"),
        (FileSettings(snake_case_columns=True, rename={"the_age": "age"}), "age"),
        (FileSettings(rename={"The Age": "age"}), "age"),
    ],
)
def test_a_column_has_the_name_of_the_model(files: FileSettings, name: str) -> None:
    assert column_name(" The Age ", files) == name
