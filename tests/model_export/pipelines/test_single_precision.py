"""Steps of dtype float32 are named wherever they are in a pipeline."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, OrdinalEncoder

from model_export.pipelines.single_precision import single_precision_hint


@pytest.mark.parametrize("single", [np.float32, "float32", np.dtype("f4")])
def test_a_step_of_single_precision_is_named_by_its_path(single: object) -> None:
    columns = ColumnTransformer([("codes", OrdinalEncoder(dtype=single), ["a"])], transformer_weights={"codes": 0.1})
    searched = GridSearchCV(make_pipeline(columns, LogisticRegression()), {})
    hint = single_precision_hint(searched)
    assert "estimator__columntransformer__codes__dtype=np.float32 makes later steps" in hint
    assert "set np.float64" in hint


def test_a_pipeline_in_double_gets_no_hint() -> None:
    steps = (OneHotEncoder(), OneHotEncoder(dtype=int), KBinsDiscretizer(dtype=None), LogisticRegression())
    assert single_precision_hint(make_pipeline(*steps)) == ""
