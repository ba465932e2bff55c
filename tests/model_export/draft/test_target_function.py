"""Regressors over a function of the target."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from functions.core.errors import DefinitionError
from functions.core.schema import Feature, Schema
from functions.predictors.by_task import open_graph_predictor
from model_export.draft.estimator import facts_of, unfitted
from model_export.draft.target_function import INVERSES, undone
from model_export.pipelines.convert import export

FRAME = pd.DataFrame({"m2": np.linspace(20, 200, 50), "age": np.arange(50.0) % 7})
RENT = 10 * FRAME.m2 + 3


@pytest.mark.parametrize("name", INVERSES)
def test_the_target_itself_is_predicted_exported_and_fitted_again(name: Any) -> None:
    function, _ = INVERSES[name]
    inner = make_pipeline(StandardScaler(), LinearRegression()).fit(FRAME, function(RENT))
    whole = undone(inner, name)
    np.testing.assert_allclose(whole.predict(FRAME), INVERSES[name][1](inner.predict(FRAME)))
    assert facts_of(whole).columns == ("m2", "age")
    schema = Schema((Feature("m2", "number"), Feature("age", "number")), Feature("rent", "number"))
    predictor = open_graph_predictor("tabular-regression", export("tabular-regression", whole, schema), schema, ())
    served = predictor.run({column: FRAME[column].tolist() for column in FRAME})[0]
    np.testing.assert_allclose(np.ravel(served), whole.predict(FRAME), rtol=1e-12)
    np.testing.assert_allclose(unfitted(whole).fit(FRAME, RENT).predict(FRAME), whole.predict(FRAME), rtol=1e-9)


def test_a_classifier_has_no_such_target() -> None:
    with pytest.raises(DefinitionError, match="--target-was log is for a regressor"):
        undone(LogisticRegression(), "log")


def test_several_targets_are_brought_back_each() -> None:
    both = np.column_stack([RENT, 5 + FRAME.age])
    inner = make_pipeline(StandardScaler(), LinearRegression()).fit(FRAME, np.log(both))
    whole = undone(inner, "log")
    np.testing.assert_allclose(whole.predict(FRAME), np.exp(inner.predict(FRAME)))
    schema = Schema(
        (Feature("m2", "number"), Feature("age", "number")), (Feature("a", "number"), Feature("b", "number"))
    )
    predictor = open_graph_predictor("tabular-regression", export("tabular-regression", whole, schema), schema, ())
    (served,) = predictor.run({column: FRAME[column].tolist() for column in FRAME})
    np.testing.assert_allclose(served, whole.predict(FRAME), rtol=1e-12)
    np.testing.assert_allclose(unfitted(whole).fit(FRAME, both).predict(FRAME), whole.predict(FRAME), rtol=1e-9)
