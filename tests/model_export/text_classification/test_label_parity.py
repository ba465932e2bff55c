"""The graph of every family labels as its model does, and the report finds a graph that does not.

DESPLIEGUE_QUESTIONS=1 compares every family instead of those below.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.model_export.checkpoints.hub_tokenizers import HUB_TOKENIZERS
from tests.model_export.checkpoints.tiny import LENGTH

pytest.importorskip("torch", reason="parity needs torch, which this environment lacks")
pytest.importorskip("optimum.exporters.onnx", reason="exporting needs optimum-onnx, which this environment lacks")

from functions.predictors.session import open_session
from model_export.checkpoints.exporting import export_graph
from model_export.text_classification.label_parity import ROWS, LabelParity, compare_labels
from model_export.text_classification.text_checkpoints import load_text_checkpoint
from tests.model_export.checkpoints.altered import Altered

TextFolders = Callable[..., Path]
SAMPLED = ("bert", "longformer", "xlm-roberta", "modernbert")


def report(folder: Path, change: Callable[[Any], Any] = lambda logits: logits) -> LabelParity:
    checkpoint = load_text_checkpoint(folder, trust_pickle=False)
    session = open_session(export_graph(checkpoint))
    return compare_labels(checkpoint, Altered(session, change), "tiny", lambda share: None)


@pytest.mark.parametrize("family", HUB_TOKENIZERS if "DESPLIEGUE_QUESTIONS" in os.environ else SAMPLED)
def test_logits_are_those_of_the_model(text_folder: TextFolders, family: str) -> None:
    found = report(text_folder(family))
    assert found.is_equal, found.sentence
    assert found.rows >= ROWS
    assert max(found.lengths) == LENGTH
    assert found.largest_batch == 16
    assert found.sentence.startswith("ONNX equals the model on 2")


@pytest.mark.parametrize(
    "change",
    [lambda logits: logits + np.float32(2e-4), lambda logits: logits * np.nan, lambda logits: -logits],
    ids=["shifted", "not a number", "turned"],
)
def test_another_graph_does_not_pass(text_folder: TextFolders, change: Any) -> None:
    found = report(text_folder("bert"), change)
    assert not found.is_equal
    assert "ONNX is not the model" in found.sentence
