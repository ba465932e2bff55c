"""A graph and its model get the same inputs, and each only those that it reads."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.model_export.checkpoints.exported import Exported

pytest.importorskip("torch", reason="exporting needs torch, which this environment lacks")
pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")

from functions.predictors.session import open_session
from model_export.checkpoints.logits import graph_logits, has_types, model_logits
from model_export.checkpoints.random_tokens import RandomTokens

OUTPUTS = ("start_logits", "end_logits")


@pytest.mark.parametrize("family", ["bert", "roberta", "modernbert"])
def test_outputs_are_asked_for_by_name_in_both(exported: Callable[[str], Exported], family: str) -> None:
    one = exported(family)
    arrays = RandomTokens(one.checkpoint.tokenizer).padded([[(7, 0), (8, 1)], [(9, 0)]])
    ours, theirs = (
        graph_logits(open_session(one.graph), OUTPUTS, arrays),
        model_logits(one.checkpoint.model, OUTPUTS, arrays),
    )
    for found, expected in zip(ours, theirs, strict=True):
        assert found.shape == expected.shape == (2, 2)
        np.testing.assert_allclose(found[0], expected[0], atol=1e-4)


def test_a_model_with_one_type_alone_reads_no_types(exported: Callable[[str], Exported]) -> None:
    read = {family: has_types(exported(family).checkpoint.model) for family in ("bert", "roberta", "distilbert")}
    assert read == {"bert": True, "roberta": False, "distilbert": False}
