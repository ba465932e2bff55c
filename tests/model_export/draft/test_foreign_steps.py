"""Steps of other libraries are named with their module and what to use instead."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from functions.core.errors import ConversionError
from model_export.draft.foreign_steps import refuse_foreign_steps

ROWS = pd.DataFrame({"a": [1.0, 2.0, 3.0]})


class TargetEncoder(TransformerMixin, BaseEstimator):
    """A class with the name of one that is converted."""

    def fit(self, rows: Any, target: Any = None) -> TargetEncoder:
        return self

    def transform(self, rows: Any) -> Any:
        return rows


TargetEncoder.__module__ = "category_encoders.target_encoder"


@pytest.mark.parametrize("is_inner", [True, False])
def test_a_step_of_another_library_is_named_with_its_module(is_inner: bool) -> None:
    step: Any = make_column_transformer((TargetEncoder(), ["a"])) if is_inner else TargetEncoder()
    pipeline = make_pipeline(step, LinearRegression()).fit(ROWS, ROWS.a)
    with pytest.raises(ConversionError) as refusal:
        refuse_foreign_steps(pipeline)
    message = str(refusal.value)
    assert message.startswith("category_encoders.TargetEncoder cannot become ONNX: it is no class of scikit-learn")
    assert "use the encoder of sklearn.preprocessing" in message
    assert message.endswith("what is converted is listed in docs/models.md")


def test_hashes_of_columns_are_named() -> None:
    with pytest.raises(ConversionError, match=r"FeatureHasher cannot become ONNX.*use a DictVectorizer"):
        refuse_foreign_steps(make_pipeline(FeatureHasher(), LinearRegression()))


def test_steps_of_scikit_learn_and_those_that_convert_themselves_pass() -> None:
    class Own(TargetEncoder):
        def to_onnx(self, graph: Any, x: str) -> str:
            return x

    refuse_foreign_steps(make_pipeline(StandardScaler(), Own(), "passthrough", LinearRegression()).fit(ROWS, ROWS.a))
