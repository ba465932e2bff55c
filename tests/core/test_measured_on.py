"""The rows behind metrics, in words."""

from __future__ import annotations

import pytest

from functions.core.measured_on import MeasuredOn


@pytest.mark.parametrize(
    ("measured_on", "words"),
    [
        (MeasuredOn(149), "on 149 rows that it was not fitted on"),
        (MeasuredOn(1), "on 1 row that it was not fitted on"),
        (MeasuredOn(800, in_sample=True), "on 800 rows that the pipeline may have been fitted on"),
        (MeasuredOn(None), "on rows that it was not fitted on"),
    ],
)
def test_words_tell_new_rows_from_those_of_the_fit(measured_on: MeasuredOn, words: str) -> None:
    assert measured_on.words == words
