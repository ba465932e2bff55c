"""Estimators that answer without a look at the row: over text too, and never at random."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert


@pytest.mark.parametrize("model", [DummyClassifier(), DummyRegressor(strategy="median")], ids=str)
def test_text_and_numbers_are_not_looked_at(parity: Callable[..., None], table: Any, target: Any, model: Any) -> None:
    classes = 3 if isinstance(model, DummyClassifier) else 0
    parity(model.fit(table(), target(table(), classes=classes)), table(seed=1, unseen=True))


@pytest.mark.parametrize("strategy", ["stratified", "uniform"])
def test_a_guess_at_random_is_refused(table: Any, schema: Any, strategy: str) -> None:
    model = DummyClassifier(strategy=strategy).fit(table(), np.arange(200) % 2)
    with pytest.raises(ConversionError, match=f"strategy='{strategy}' guesses at random; set strategy='prior'"):
        convert(model, schema(table()))
