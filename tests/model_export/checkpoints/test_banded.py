"""The banded Longformer gives the logits of the original, at every length and with every window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.model_export.checkpoints.exported import Exported
from tests.model_export.checkpoints.tiny import LENGTH, write_checkpoint

torch = pytest.importorskip("torch", reason="exporting needs torch, which this environment lacks")
pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")

from model_export.checkpoints.banded import BandedLongformer, windows  # noqa: E402
from model_export.checkpoints.exporting import export_graph  # noqa: E402
from model_export.checkpoints.logits import graph_logits, model_logits  # noqa: E402
from model_export.question_answering.checkpoints import load_checkpoint  # noqa: E402
from model_export.question_answering.parity import OUTPUTS, RandomInputs, Row, difference  # noqa: E402
from tests.model_export.checkpoints.compared import LEAST, TOLERANCE, Compared  # noqa: E402


@pytest.mark.parametrize("is_for_int8", [False, True])
def test_the_model_in_torch_gives_the_logits_of_the_original(
    exported: Callable[[str], Exported], is_for_int8: bool
) -> None:
    checkpoint = exported("longformer").checkpoint
    arrays = RandomInputs(checkpoint).arrays([Row(5, 150), Row(20, 60)], seed=4)
    banded = BandedLongformer(checkpoint.model, is_for_int8=is_for_int8).eval()
    with torch.inference_mode():
        found = banded(torch.from_numpy(arrays["input_ids"]), torch.from_numpy(arrays["attention_mask"]))
    logits = [found["start_logits"].numpy(), found["end_logits"].numpy()]
    is_text = arrays["attention_mask"].astype(bool)
    assert difference(logits, model_logits(checkpoint.model, OUTPUTS, arrays), is_text) < TOLERANCE


def test_one_window_is_for_every_layer(exported: Callable[[str], Exported]) -> None:
    config = exported("longformer").checkpoint.model.config
    assert windows(config) == [8, 16]
    config = type(config)(attention_window=32, num_hidden_layers=3)
    config.attention_window = 32
    assert windows(config) == [32, 32, 32]


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


def test_a_row_without_a_question_or_a_token_is_answered_with_numbers(compared: Callable[[str], Compared]) -> None:
    longformer = compared("longformer")
    arrays = longformer.shape.arrays([Row(3, 40), Row(3, 40), Row(3, 40)], seed=0)
    arrays["input_ids"][0] = 7
    arrays["input_ids"][1] = longformer.checkpoint.tokenizer.sep_token_id
    arrays["attention_mask"][2] = 0
    assert all(np.isfinite(logits).all() for logits in graph_logits(longformer.session, OUTPUTS, arrays))
