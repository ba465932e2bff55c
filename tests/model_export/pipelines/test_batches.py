"""Many rows in batches have the outputs of one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from functions.core.schema import Table
from model_export.pipelines import batches
from model_export.pipelines.batches import run_in_batches


class Doubling:
    """A predictor that notes the sizes of its batches."""

    scoring = None

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def predict(self, table: Table) -> list[Any]:
        return []

    def run(self, table: Table) -> list[Any]:
        values = np.array(table["x"], dtype=np.float64)
        self.sizes.append(len(values))
        return [values, np.column_stack([values, 2 * values])]


@pytest.mark.parametrize(("rows", "sizes"), [(0, [0]), (2, [2]), (3, [3]), (7, [3, 3, 1])])
def test_outputs_are_those_of_one_batch(rows: int, sizes: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_ROWS", 3)
    predictor = Doubling()
    table: Table = {"x": [float(value) for value in range(rows)]}
    first, second = run_in_batches(predictor, table)
    assert predictor.sizes == sizes
    assert first.tolist() == table["x"]
    assert second[:, 1].tolist() == [2.0 * value for value in range(rows)]
