"""The graph gives the logits of the model itself, at every length, question length and batch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.generated import examples
from tests.model_export.checkpoints.exported import Exported
from tests.model_export.checkpoints.tiny import LENGTH

torch = pytest.importorskip("torch", reason="exporting needs torch, which this environment lacks")
pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")

from model_export.checkpoints.exporting import export_for_int8, export_graph  # noqa: E402
from model_export.checkpoints.families import FAMILIES  # noqa: E402
from model_export.checkpoints.logits import graph_logits  # noqa: E402
from model_export.question_answering.parity import OUTPUTS, Row  # noqa: E402
from tests.model_export.checkpoints.compared import LEAST, TOLERANCE, Compared  # noqa: E402

DRAWN = ["bert", "distilbert", "electra", "longformer", "roberta", "modernbert"]
"""Families of which many inputs are drawn; tests/model_export/question_answering/test_parity.py compares them all."""
WITH_TYPES = {"albert", "bert", "convbert", "electra", "roformer", "squeezebert"}


rows = st.lists(
    st.integers(LEAST, LENGTH).flatmap(lambda length: st.builds(Row, st.integers(1, length - 5), st.just(length))),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize("family", DRAWN)
@given(rows=rows, seed=st.integers(0, 1000))
@examples(25, share_fixtures=True)
def test_logits_are_those_of_the_model(
    compared: Callable[[str], Compared], family: str, rows: list[Row], seed: int
) -> None:
    assert compared(family).differs_by(rows, seed) < TOLERANCE


def test_a_batch_answers_as_its_rows_alone(compared: Callable[[str], Compared]) -> None:
    longformer = compared("longformer")
    together = [Row(20, LENGTH), Row(1, LEAST), Row(5, 77)]
    arrays = longformer.shape.arrays(together, seed=3)
    batch = graph_logits(longformer.session, OUTPUTS, arrays)
    for number, row in enumerate(together):
        alone = {name: values[number : number + 1, : row.length] for name, values in arrays.items()}
        for logits, expected_logits in zip(graph_logits(longformer.session, OUTPUTS, alone), batch, strict=True):
            np.testing.assert_allclose(logits[0], expected_logits[number, : row.length], atol=TOLERANCE)


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_inputs_and_outputs_have_names_and_free_axes(compared: Callable[[str], Compared], family: str) -> None:
    session = compared(family).session
    types = ["token_type_ids"] if family in WITH_TYPES else []
    assert sorted(one.name for one in session.get_inputs()) == sorted(["input_ids", "attention_mask", *types])
    assert [one.name for one in session.get_outputs()] == ["start_logits", "end_logits"]
    assert {one.type for one in session.get_inputs()} == {"tensor(int64)"}
    assert all(isinstance(axis, str) for one in session.get_inputs() for axis in one.shape)


def test_only_a_longformer_has_a_graph_of_its_own_to_quantize(exported: Callable[[str], Exported]) -> None:
    for family in ("bert", "modernbert"):
        one = exported(family)
        assert export_for_int8(one.checkpoint, one.graph) is one.graph
    longformer = exported("longformer")
    assert export_for_int8(longformer.checkpoint, longformer.graph) == export_graph(
        longformer.checkpoint, is_for_int8=True
    )
