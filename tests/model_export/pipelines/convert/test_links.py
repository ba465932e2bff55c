"""Link functions: the two that losses of scikit-learn have, and no other."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn._loss.link import IdentityLink, LogitLink, LogLink

from model_export.pipelines.convert.graph import InexactError
from model_export.pipelines.convert.links import inverse_of_link
from tests.model_export.pipelines.convert.small_graph import evaluate

RAW = np.array([-3.0, 0.0, 2.5])


@pytest.mark.parametrize("link", [IdentityLink(), LogLink()])
def test_a_link_is_undone(link: object) -> None:
    (found,) = evaluate(lambda graph, x: graph.op("Identity", inverse_of_link(graph, link, x)), RAW)
    np.testing.assert_allclose(found, link.inverse(RAW), rtol=1e-15)  # type: ignore[attr-defined]


def test_another_link_is_refused_by_its_name() -> None:
    with pytest.raises(InexactError, match="its loss has a LogitLink; use a loss such as squared_error"):
        evaluate(lambda graph, x: inverse_of_link(graph, LogitLink(), x), RAW)
