"""Names of numbered classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from functions.core.errors import DefinitionError
from model_export.draft.labels import name_labels, needs_names

ROWS = np.random.default_rng(0).normal(size=(120, 2))
CODES = np.digitize(ROWS[:, 0], [-0.5, 0.5])
NAMES = ["high", "low", "middle"]
MEMBERS = [("a", LogisticRegression()), ("b", LogisticRegression(C=0.1))]


@pytest.mark.parametrize(
    ("labels", "levels", "needs"),
    [
        ((0, 1), ("no", "yes"), True),
        ((False, True), ("no", "yes"), True),
        ((0, 1, 2), ("no", "yes"), False),
        (("no", "yes"), ("no", "yes"), False),
        ((0, 1), (0, 1), False),
        ((), (), False),
    ],
)
def test_only_numbers_where_the_table_has_names(labels: Any, levels: Any, needs: bool) -> None:
    assert needs_names(labels, levels) is needs


@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        make_pipeline(StandardScaler(), LogisticRegression()),
        RandomForestClassifier(10, random_state=0),
        GradientBoostingClassifier(n_estimators=5),
        HistGradientBoostingClassifier(max_iter=5),
        StackingClassifier(MEMBERS, cv=2),
        VotingClassifier(MEMBERS, voting="soft"),
    ],
)
def test_the_names_are_in_alphabetical_order(model: Any) -> None:
    model.fit(ROWS, CODES)
    truth = [NAMES[code] for code in CODES]
    before = model.predict_proba(ROWS)
    codes = model.predict(ROWS)
    naming = name_labels(model, ROWS, truth)
    assert naming.names == ("high", "low", "middle")
    assert naming.agreement > 0.8
    assert model.predict(ROWS).tolist() == [NAMES[code] for code in codes]
    np.testing.assert_array_equal(model.predict_proba(ROWS), before)


@pytest.mark.parametrize("code", [int, bool])
def test_two_classes_that_are_the_other_way_round_are_refused(code: type) -> None:
    left = ROWS[:, 0] > 0
    model = LogisticRegression().fit(ROWS, left.astype(code))
    assert name_labels(model, ROWS, ["yes" if one else "no" for one in left]).agreement > 0.9
    model.fit(ROWS, (~left).astype(code))
    with pytest.raises(DefinitionError, match="its predictions match the names better in reverse order; fit it on"):
        name_labels(model, ROWS, ["yes" if one else "no" for one in left])
