"""The graph gives the logits of the model itself, at every length, question length and batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.generated import examples
from tests.model_export.question_answering.conftest import Exported
from tests.model_export.question_answering.tiny import LENGTH, write_checkpoint

torch = pytest.importorskip("torch", reason="exporting needs torch, which this environment lacks")
pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")

from functions.predictors.session import open_session  # noqa: E402
from model_export.question_answering.checkpoints import load_checkpoint  # noqa: E402
from model_export.question_answering.exporting import export_graph  # noqa: E402
from model_export.question_answering.parity import RandomInputs, Row, difference, graph_logits, model_logits, moved  # noqa: E402

FAMILIES = ["bert", "distilbert", "electra", "longformer", "roberta"]
TOLERANCE = 1e-4
LEAST = 6


class Compared:
    """A checkpoint, and a session over its graph."""

    def __init__(self, checkpoint: Any, graph: bytes) -> None:
        self.checkpoint = checkpoint
        self.session = open_session(graph)
        self.shape = RandomInputs(checkpoint)

    def differs_by(self, rows: Sequence[Row], seed: int = 0) -> float:
        """Infinite if another start or end is the best one."""
        arrays = self.shape.arrays(rows, seed)
        is_text = arrays["attention_mask"].astype(bool)
        theirs, ours = model_logits(self.checkpoint.model, arrays), graph_logits(self.session, arrays)
        if moved(ours, theirs, is_text):
            return float("inf")
        return difference(ours, theirs, is_text)


@pytest.fixture(scope="module")
def compared(exported: Callable[[str], Exported]) -> Callable[[str], Compared]:
    made: dict[str, Compared] = {}

    def make(family: str) -> Compared:
        if family not in made:
            one = exported(family)
            made[family] = Compared(one.checkpoint, one.graph)
        return made[family]

    return make


rows = st.lists(
    st.integers(LEAST, LENGTH).flatmap(lambda length: st.builds(Row, st.integers(1, length - 5), st.just(length))),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize("family", FAMILIES)
@given(rows=rows, seed=st.integers(0, 1000))
@examples(25, share_fixtures=True)
def test_logits_are_those_of_the_model(
    compared: Callable[[str], Compared], family: str, rows: list[Row], seed: int
) -> None:
    assert compared(family).differs_by(rows, seed) < TOLERANCE


def test_every_length_of_a_longformer(compared: Callable[[str], Compared]) -> None:
    longformer = compared("longformer")
    lengths = range(LEAST, LENGTH + 1)
    wrong = [
        length for length in lengths if longformer.differs_by([Row(1 + length % 40 % (length - 5), length)]) > 1e-4
    ]
    assert wrong == []


def test_every_length_of_a_question(compared: Callable[[str], Compared]) -> None:
    longformer = compared("longformer")
    questions = range(1, LENGTH - 4)
    wrong = [question for question in questions if longformer.differs_by([Row(question, LENGTH)]) > TOLERANCE]
    assert wrong == []


@pytest.mark.parametrize(
    "changed",
    [
        {"attention_window": 8},
        {"attention_window": [4, 64], "type_vocab_size": 2},
        {"attention_window": [16, 8, 4], "num_hidden_layers": 3, "hidden_act": "relu"},
        {"attention_window": 512, "max_position_embeddings": 1026},
        {"hidden_size": 24, "num_attention_heads": 3, "attention_window": 6},
    ],
    ids=["one window", "least and large", "three layers", "wider than the text", "no powers of two"],
)
def test_longformers_of_other_shapes(tmp_path: Path, changed: dict[str, Any]) -> None:
    write_checkpoint(tmp_path / "other", "longformer", **changed)
    loaded = load_checkpoint(tmp_path / "other", trust_pickle=False)
    other = Compared(loaded, export_graph(loaded))
    for length in (LEAST, 50, 127, 128, 129, LENGTH):
        batch = [Row(1, length), Row(min(9, length - 5), max(LEAST, length // 2))]
        assert other.differs_by(batch) < TOLERANCE


def test_a_longformer_to_be_quantized_gives_the_same(exported: Callable[[str], Exported]) -> None:
    checkpoint = exported("longformer").checkpoint
    projected = Compared(checkpoint, export_graph(checkpoint, is_for_int8=True))
    lengths = (LEAST, 40, 129, LENGTH)
    batch = [Row(1 + length // 9, length) for length in lengths]
    alone = [[Row(min(30, length - 5), length)] for length in lengths]
    assert [rows for rows in (batch, *alone) if projected.differs_by(rows) > TOLERANCE] == []


@pytest.mark.parametrize(("is_for_int8", "steps"), [(False, 2), (True, 4)], ids=["exact", "to be quantized"])
def test_the_attention_of_a_longformer_is_one_step(
    exported: Callable[[str], Exported], is_for_int8: bool, steps: int
) -> None:
    graph = onnx.load_from_string(export_graph(exported("longformer").checkpoint, is_for_int8=is_for_int8))
    onnx.checker.check_model(graph)
    assert [node.op_type for node in graph.graph.node].count("Attention") == steps
    assert {one.domain for one in graph.opset_import} == {""}


def test_a_row_without_a_question_or_a_token_is_answered_with_numbers(compared: Callable[[str], Compared]) -> None:
    longformer = compared("longformer")
    arrays = longformer.shape.arrays([Row(3, 40), Row(3, 40), Row(3, 40)], seed=0)
    arrays["input_ids"][0] = 7
    arrays["input_ids"][1] = longformer.checkpoint.tokenizer.sep_token_id
    arrays["attention_mask"][2] = 0
    assert all(np.isfinite(logits).all() for logits in graph_logits(longformer.session, arrays))


def test_a_batch_answers_as_its_rows_alone(compared: Callable[[str], Compared]) -> None:
    longformer = compared("longformer")
    together = [Row(20, LENGTH), Row(1, LEAST), Row(5, 77)]
    arrays = longformer.shape.arrays(together, seed=3)
    batch = graph_logits(longformer.session, arrays)
    for number, row in enumerate(together):
        alone = {name: values[number : number + 1, : row.length] for name, values in arrays.items()}
        for logits, expected_logits in zip(graph_logits(longformer.session, alone), batch, strict=True):
            np.testing.assert_allclose(logits[0], expected_logits[number, : row.length], atol=TOLERANCE)


@pytest.mark.parametrize("family", FAMILIES)
def test_inputs_and_outputs_have_names_and_free_axes(compared: Callable[[str], Compared], family: str) -> None:
    session = compared(family).session
    types = ["token_type_ids"] if family in ("bert", "electra") else []
    assert sorted(one.name for one in session.get_inputs()) == sorted(["input_ids", "attention_mask", *types])
    assert [one.name for one in session.get_outputs()] == ["start_logits", "end_logits"]
    assert {one.type for one in session.get_inputs()} == {"tensor(int64)"}
    assert all(isinstance(axis, str) for one in session.get_inputs() for axis in one.shape)
