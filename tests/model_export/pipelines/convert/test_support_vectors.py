"""Support vector machines: sparse rows, ties, and what has no answer; the matrix compares each kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.ensemble import StackingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, SVR

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert

Parity = Callable[..., None]
NUMBERS = ["income", "age", "visits"]


def coded(model: Any) -> Any:
    """Rows that are sparse behind the encoder."""
    columns = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["city", "plan"]))
    return make_pipeline(columns, model)


@pytest.mark.parametrize("kernel", ["rbf", "linear", "poly"])
@pytest.mark.parametrize("classes", [0, 2, 3])
def test_sparse_rows(parity: Parity, table: Any, target: Any, kernel: str, classes: int) -> None:
    train = table(150, missing=False)[["city", "plan"]]
    model = SVC(kernel=kernel) if classes else SVR(kernel=kernel)
    labels = target(table(150, missing=False), classes=classes)
    parity(coded(model).fit(train, labels), table(seed=1, unseen=True, missing=False)[["city", "plan"]])


@pytest.mark.parametrize("classes", [2, 3])
def test_inside_of_a_stack_and_calibrated(parity: Parity, table: Any, target: Any, classes: int) -> None:
    train, rows = table(150, missing=False), table(seed=1, missing=False)[NUMBERS]
    labels = target(train, classes=classes)
    machine = make_pipeline(StandardScaler(), SVC())
    parity(CalibratedClassifierCV(machine, cv=3).fit(train[NUMBERS], labels), rows)
    parity(StackingClassifier([("kernel", machine)], LogisticRegression(), cv=3).fit(train[NUMBERS], labels), rows)


def test_decisions_of_pairs_are_refused_with_what_to_do(table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)[NUMBERS]
    model = SVC(decision_function_shape="ovo").fit(train, target(table(missing=False), classes=3))
    with pytest.raises(ConversionError, match=r"a number for each pair.*set_params\(decision_function_shape='ovr'\)"):
        convert(model, schema(train))
    convert(model.set_params(decision_function_shape="ovr"), schema(train))


def test_a_kernel_of_ones_own_is_refused(table: Any, target: Any, schema: Any) -> None:
    train = table(missing=False)[["visits"]]
    model = SVR(kernel=_product).fit(train, target(table(missing=False)))
    with pytest.raises(ConversionError, match="is not supported; use 'rbf', 'linear', 'poly' or 'sigmoid'"):
        convert(model, schema(train))


def _product(first: Any, second: Any) -> Any:
    return first @ second.T
