"""The report finds what is wrong with a graph, and its inputs reach every corner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model_export.checkpoints.exported import Exported
from tests.model_export.checkpoints.tiny import LENGTH

torch = pytest.importorskip("torch", reason="parity needs torch, which this environment lacks")
pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")

from functions.predictors.session import open_session  # noqa: E402
from model_export.checkpoints.families import FAMILIES  # noqa: E402
from model_export.checkpoints.graph_parity import TOLERANCE  # noqa: E402
from model_export.question_answering.parity import (  # noqa: E402
    LONGEST_QUESTION,
    LogitParity,
    compare_logits,
    difference,
    plan,
)
from tests.model_export.checkpoints.altered import Altered  # noqa: E402


@pytest.fixture(scope="module")
def report(exported: Callable[[str], Exported]) -> Callable[..., LogitParity]:
    def make(family: str, change: Any = None) -> LogitParity:
        one = exported(family)
        session = open_session(one.graph)
        return compare_logits(
            one.checkpoint, Altered(session, change) if change else session, "tiny", lambda share: None
        )

    return make


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_an_exact_graph_passes(report: Callable[..., LogitParity], family: str) -> None:
    found = report(family)
    assert found.is_equal, found.sentence
    assert found.max_absolute_difference < TOLERANCE
    assert (found.question_lengths, max(found.lengths), found.largest_batch) == ((1, LONGEST_QUESTION), LENGTH, 16)
    assert found.rows >= 90


@pytest.mark.parametrize(
    "change",
    [
        lambda logits: logits + np.float32(2 * TOLERANCE),
        lambda logits: np.roll(logits, 1, axis=1),
        lambda logits: logits * np.nan,
        lambda logits: -logits,
    ],
    ids=["shifted", "moved", "not a number", "turned"],
)
def test_another_graph_does_not_pass(report: Callable[..., LogitParity], change: Any) -> None:
    found = report("bert", change)
    assert not found.is_equal
    assert "ONNX is not the model" in found.sentence


def test_logits_of_masked_tokens_count_as_equal() -> None:
    """A BigBird takes 1e6 off the logits of the question, next to which float32 has no digit for a difference."""
    ours, theirs = (np.array([[0.5, value]], dtype=np.float32) for value in (-1e6, -1e6 - 0.0625))
    is_text = np.ones((1, 2), dtype=bool)
    assert difference([ours], [theirs], is_text) == 0
    assert difference([ours], [theirs + np.float32(1)], is_text) == 1


def test_padding_is_not_compared(report: Callable[..., LogitParity], exported: Callable[[str], Exported]) -> None:
    one = exported("longformer")
    pad = one.checkpoint.tokenizer.pad_token_id
    session = open_session(one.graph)

    class Padded(Altered):
        def run(self, names: Any, arrays: Any) -> list[Any]:
            return [np.where(arrays["input_ids"] == pad, 99, logits) for logits in session.run(names, arrays)]

    assert compare_logits(one.checkpoint, Padded(session, np.abs), "tiny", lambda share: None).is_equal


@given(
    special=st.integers(3, 4), longest=st.integers(8, 600), period=st.sets(st.integers(1, 300), min_size=1, max_size=3)
)
def test_a_plan_keeps_within_the_maximum_and_reaches_it(special: int, longest: int, period: set[int]) -> None:
    rows = [row for batch in plan(special, longest, period) for row in batch]
    assert max(row.length for row in rows) == longest
    assert min(row.length for row in rows) == special + 2
    assert all(1 <= row.question <= row.length - special - 1 for row in rows)
    assert {one for one in period if special + 2 <= one <= longest} <= {row.length for row in rows}


def test_a_plan_asks_every_length_of_a_question() -> None:
    rows = [row for batch in plan(4, 4096, [128, 512]) for row in batch]
    assert {row.question for row in rows} >= set(range(1, LONGEST_QUESTION + 1))
