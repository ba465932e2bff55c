"""Every configuration of the matrix equals scikit-learn, on training rows, held-out rows and hostile rows."""

from __future__ import annotations

import pytest

from tests.model_export.pipelines.convert.matrix import ensemble_models, kernel_models, linear_models
from tests.model_export.pipelines.convert.matrix.configuration import RELATIVE_TOLERANCE, Configuration, compare

CONFIGURATIONS: dict[str, Configuration] = {
    one.name: one
    for one in (*linear_models.CONFIGURATIONS, *ensemble_models.CONFIGURATIONS, *kernel_models.CONFIGURATIONS)
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_configuration_is_exact(name: str) -> None:
    comparison = compare(CONFIGURATIONS[name])
    assert comparison.other_labels == 0
    assert comparison.largest_difference <= RELATIVE_TOLERANCE
