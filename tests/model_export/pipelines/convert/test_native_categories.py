"""Texts become the numbers that a library gave them."""

from __future__ import annotations

import numpy as np
import pytest

from model_export.pipelines.convert.graph import Graph, InexactError, Tensor
from model_export.pipelines.convert.native_categories import numbered
from tests.model_export.pipelines.convert.small_graph import evaluate

TOWNS = np.array([["Lyon"], ["Cork"], [""], ["Oslo"]], dtype=object)
AGES = np.array([[1.0], [np.nan], [3.0], [4.0]])


def test_texts_are_numbered_next_to_numbers_and_nan_where_missing_or_not_known() -> None:
    def build(graph: Graph, ages: str, towns: str) -> str:
        tensors = [Tensor(ages, is_string=False, width=1), Tensor(towns, is_string=True, width=1)]
        return numbered(graph, tensors, {1: ["Cork", "Lyon"]})

    expected = [[1.0, 1.0], [np.nan, 0.0], [3.0, np.nan], [4.0, np.nan]]
    np.testing.assert_array_equal(evaluate(build, AGES, TOWNS)[0], expected)


def test_text_that_training_had_no_categories_for_is_refused() -> None:
    def build(graph: Graph, towns: str) -> str:
        return numbered(graph, [Tensor(towns, is_string=True, width=1)], {})

    with pytest.raises(InexactError, match="encode the text columns"):
        evaluate(build, TOWNS)


def test_columns_of_unknown_width_are_refused_where_they_must_be_counted() -> None:
    def build(graph: Graph, ages: str, towns: str) -> str:
        return numbered(graph, [Tensor(ages, is_string=False), Tensor(towns, is_string=True, width=1)], {1: ["Cork"]})

    with pytest.raises(InexactError, match="unknown width"):
        evaluate(build, AGES, TOWNS)
