"""Weights of dense counts, documents without a known term among them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfTransformer

from model_export.pipelines.convert.graph import Tensor
from model_export.pipelines.convert.term_weights import weighted_terms
from tests.model_export.pipelines.convert.small_graph import evaluate

COUNTS = np.array([[3.0, 0.0, 1.0], [0.0, 0.0, 0.0], [0.0, 7.0, 2.0], [1.0, 1.0, 1.0]])


@pytest.mark.parametrize("norm", ["l1", "l2", None])
@pytest.mark.parametrize("options", [{}, {"sublinear_tf": True}, {"use_idf": False}, {"smooth_idf": False}], ids=str)
def test_counts_are_weighted_as_scikit_learn_does(norm: Any, options: dict[str, Any]) -> None:
    transformer = TfidfTransformer(norm=norm, **options).fit(COUNTS)
    (found,) = evaluate(lambda graph, name: weighted_terms(graph, transformer, [Tensor(name, is_string=False)]), COUNTS)
    np.testing.assert_allclose(found, transformer.transform(COUNTS).toarray(), rtol=1e-14)
