"""One class against the rest, and against each other: refusals; the matrix compares whole ensembles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier

from functions.core.errors import ConversionError
from model_export.pipelines.convert import convert
from model_export.pipelines.convert.graph import Tensor
from model_export.pipelines.convert.one_against import AgainstRest, convert_against_rest
from tests.model_export.pipelines.convert.small_graph import evaluate


def test_a_row_that_no_class_wants_has_probabilities_of_0() -> None:
    scores = [np.array([[-1.0]]), np.array([[-1.0]]), np.array([[-2.0]])]
    chances = [np.array([[0.0]])] * 3
    against = AgainstRest(3, 0.0)
    label, found = evaluate(
        lambda graph, *names: convert_against_rest(graph, against, [Tensor(name, False, 1) for name in names]),
        *scores,
        *chances,
    )
    assert (label.tolist(), found.tolist()) == ([0], [[0.0, 0.0, 0.0]])


@pytest.mark.parametrize("kind", [OneVsRestClassifier, OneVsOneClassifier])
@pytest.mark.parametrize("member", [Ridge(), VotingClassifier([("a", LogisticRegression())])], ids=["number", "votes"])
def test_members_without_scores_are_refused(table: Any, target: Any, schema: Any, kind: Any, member: Any) -> None:
    train = table(missing=False)[["age", "visits"]]
    model = kind(member).fit(train, target(table(missing=False), classes=3))
    with pytest.raises(ConversionError, match=r"step 'member_0' .*neither probabilities nor a decision; use one such"):
        convert(model, schema(train))
