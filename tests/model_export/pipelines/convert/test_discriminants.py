"""Discriminants: refusals, and scores for a stack; the matrix compares each with scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert

NUMBERS = ["income", "age", "visits"]


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("model", [QuadraticDiscriminantAnalysis(), NearestCentroid()])
def test_their_scores_can_be_calibrated(
    parity: Callable[..., None], table: Any, target: Any, classes: int, model: Any
) -> None:
    train = table(300, missing=False)
    calibrated = CalibratedClassifierCV(make_pipeline(StandardScaler(), model), cv=3)
    labels = target(train, classes=classes)
    parity(calibrated.fit(train[NUMBERS], labels), table(seed=1, missing=False)[NUMBERS])


def test_a_metric_without_scores_is_refused_with_what_to_do(table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)
    model = NearestCentroid(metric="manhattan").fit(train[NUMBERS], target(train, classes=2))
    with pytest.raises(ConversionError, match="metric='manhattan' has no scores; set metric='euclidean'"):
        convert(model, schema(train[NUMBERS]))
