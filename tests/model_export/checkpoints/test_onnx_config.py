"""The text to trace with is a question and a context between separators, and its axes are free."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.model_export.checkpoints.exported import Exported

pytest.importorskip("torch", reason="exporting needs torch, which this environment lacks")
pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")

from model_export.checkpoints.onnx_config import QUESTION_END, BandedOnnxConfig


@pytest.fixture
def config(exported: Callable[[str], Exported]) -> BandedOnnxConfig:
    return BandedOnnxConfig(exported("longformer").checkpoint.model.config, task="question-answering")


def test_the_traced_text_has_its_separators_and_no_padding(config: BandedOnnxConfig) -> None:
    inputs = config.generate_dummy_inputs(framework="pt", batch_size=3, sequence_length=20)
    ids, separator = inputs["input_ids"], config._config.sep_token_id
    assert ids.shape == (3, 20)
    assert (ids == separator).nonzero()[:, 1].tolist() == [QUESTION_END, QUESTION_END + 1, 19] * 3
    assert not (ids == config._config.pad_token_id).any()
    assert inputs["attention_mask"].all()


def test_the_graph_takes_ids_and_mask_of_any_batch_and_length(config: BandedOnnxConfig) -> None:
    axes = {0: "batch_size", 1: "sequence_length"}
    assert config.inputs == {"input_ids": axes, "attention_mask": axes}
