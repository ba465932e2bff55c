"""The report finds what is wrong with a graph, and its inputs reach every corner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model_export.question_answering.conftest import Exported
from tests.model_export.question_answering.tiny import LENGTH

torch = pytest.importorskip("torch", reason="parity needs torch, which this environment lacks")
pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")

from functions.predictors.session import open_session  # noqa: E402
from model_export.question_answering.families import FAMILIES  # noqa: E402
from model_export.question_answering.parity import (  # noqa: E402
    LONGEST_QUESTION,
    TOLERANCE,
    LogitParity,
    RandomInputs,
    compare_logits,
    difference,
    differs,
    graph_logits,
    plan,
    steps,
)


class Altered:
    """A session that changes what it answers."""

    def __init__(self, session: Any, change: Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]]) -> None:
        self._session, self._change = session, change
        self.get_inputs = session.get_inputs

    def run(self, names: Any, arrays: Any) -> list[Any]:
        return [self._change(logits) for logits in self._session.run(names, arrays)]


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


def test_a_best_token_moves_if_the_model_tells_the_two_apart() -> None:
    """Tokens that mean the same have scores that differ in the last digit."""
    theirs = np.array([[1.0, 3.0, 3.0 - 1e-6], [1.0, 3.0, 3.0 - 1e-3], [1.0, 3.0, 0.0]], np.float32)
    ours = theirs[:, [0, 2, 1]]
    assert differs(ours, theirs).tolist() == [False, True, True]
    assert differs(np.full_like(theirs, np.nan), theirs).all()


def test_a_moved_answer_alone_is_enough_to_fail(report: Callable[..., LogitParity]) -> None:
    found = replace(report("bert"), different_argmax=1)
    assert not found.is_equal


def test_padding_is_not_compared(report: Callable[..., LogitParity], exported: Callable[[str], Exported]) -> None:
    one = exported("longformer")
    pad = one.checkpoint.tokenizer.pad_token_id
    session = open_session(one.graph)

    class Padded(Altered):
        def run(self, names: Any, arrays: Any) -> list[Any]:
            return [np.where(arrays["input_ids"] == pad, 99, logits) for logits in session.run(names, arrays)]

    assert compare_logits(one.checkpoint, Padded(session, np.abs), "tiny", lambda share: None).is_equal


def test_inputs_are_those_that_the_tokenizer_makes(exported: Callable[[str], Exported]) -> None:
    for family in FAMILIES:
        checkpoint = exported(family).checkpoint
        encoded = checkpoint.tokenizer("¿Quién paga?", "La beca la paga el centro.", return_token_type_ids=True)
        sides = encoded.sequence_ids()
        question, context = (
            [token for token, side in zip(encoded["input_ids"], sides, strict=True) if side == wanted]
            for wanted in (0, 1)
        )
        pair = checkpoint.marks.around(question, context)
        assert [identity for identity, _ in pair] == encoded["input_ids"]
        assert [kind for _, kind in pair] == encoded["token_type_ids"]


def test_rows_are_padded_to_the_longest(exported: Callable[[str], Exported]) -> None:
    checkpoint = exported("bert").checkpoint
    rows = plan(checkpoint.marks.count, LENGTH, [16])[-1]
    arrays = RandomInputs(checkpoint).arrays(rows, seed=1)
    assert arrays["attention_mask"].sum(axis=1).tolist() == [row.length for row in rows]
    is_padding = arrays["attention_mask"] == 0
    assert set(arrays["input_ids"][is_padding].tolist()) == {checkpoint.tokenizer.pad_token_id}


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


def test_the_windows_of_a_longformer_are_its_steps(exported: Callable[[str], Exported]) -> None:
    assert steps(exported("longformer").checkpoint) == {4, 8, 16, 128, 136}
    assert steps(exported("roberta").checkpoint) == {16, 24, 64, 128}
    assert steps(exported("convbert").checkpoint) == {5, 16, 24, 64, 128}


def test_a_graph_is_given_only_the_inputs_it_has(exported: Callable[[str], Exported]) -> None:
    one = exported("roberta")
    arrays = RandomInputs(one.checkpoint).arrays(plan(4, 40, [8])[0], seed=0)
    assert len(graph_logits(open_session(one.graph), arrays)) == 2
