"""The original is asked in one batch, and what it cannot answer is left out row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge

from tools.conversion.configuration import Configuration, fitted
from tools.conversion.original import answered


class Counted:
    """A predictor that fails on infinities, and counts the questions."""

    questions = 0

    def predict(self, rows: pd.DataFrame) -> Any:
        self.questions += 1
        if np.isinf(rows["x"]).any():
            raise ValueError("infinite")
        return rows["x"].to_numpy()


@pytest.mark.parametrize("bad", [[], [0], [511], [3, 4, 300], list(range(512))])
def test_rows_that_fail_are_left_out_and_the_others_kept_in_their_order(bad: list[int]) -> None:
    frame = pd.DataFrame({"x": np.arange(512.0)})
    frame.loc[bad, "x"] = np.inf
    row = Configuration("Section", "name", "small", "number", fitted(Ridge))
    kept = answered(row, Counted(), frame)["x"].tolist()
    assert kept == [float(place) for place in range(512) if place not in bad]


def test_a_few_rows_that_fail_cost_a_few_questions() -> None:
    frame = pd.DataFrame({"x": np.arange(512.0)})
    frame.loc[100, "x"] = np.inf
    predictor = Counted()
    answered(Configuration("Section", "name", "small", "number", fitted(Ridge)), predictor, frame)
    assert predictor.questions <= 2 * 9 + 1
