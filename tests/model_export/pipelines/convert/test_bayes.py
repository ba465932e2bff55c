"""Naive Bayes over numbers, flags and numbered categories; the matrix compares each with scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, GaussianNB

from model_export.pipelines.convert import convert

CODES = pd.DataFrame({"a": [0.0, 1.0, 2.0, 1.0], "b": [1.0, 0.0, 1.0, 1.0]})


@pytest.mark.parametrize("value", [-1.0, 3.0, 1e300, np.nan])
def test_a_category_that_training_lacked_has_no_answer(run: Any, schema: Any, value: float) -> None:
    model = CategoricalNB().fit(CODES, ["no", "yes", "no", "yes"])
    rows = pd.DataFrame({"a": [value, 1.0, 2.0], "b": [1.0, value, 1.0]})
    _, probabilities = run(convert(model, schema(CODES)), rows, schema(CODES))
    assert np.isnan(probabilities).any(axis=1).tolist() == [True, True, False]


def test_a_category_between_two_is_the_lower_one_as_in_scikit_learn(run: Any, schema: Any) -> None:
    model = CategoricalNB().fit(CODES, ["no", "yes", "no", "yes"])
    rows = pd.DataFrame({"a": [1.9], "b": [0.5]})
    _, probabilities = run(convert(model, schema(CODES)), rows, schema(CODES))
    np.testing.assert_allclose(probabilities, model.predict_proba(rows), rtol=1e-12)


@pytest.mark.parametrize("model", [GaussianNB(), BernoulliNB(binarize=None)])
def test_one_column_is_enough(parity: Any, model: Any) -> None:
    rows = pd.DataFrame({"x": [0.0, 1.0, 0.0, 1.0, 1.0]})
    parity(model.fit(rows, [0, 1, 1, 1, 0]), rows)
