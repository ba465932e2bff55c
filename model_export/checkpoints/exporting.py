"""Export of a loaded checkpoint to an ONNX graph, through optimum."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from optimum.exporters.onnx import export
from optimum.exporters.tasks import TasksManager
from torch.jit._trace import TracerWarning

from functions.core.tasks import Task
from model_export.checkpoints.attention import with_attention
from model_export.checkpoints.banded import LARGEST_BLOCK, BandedClassifier, BandedLongformer
from model_export.checkpoints.families import FAMILIES
from model_export.checkpoints.loading import Checkpoint
from model_export.checkpoints.onnx_config import BandedOnnxConfig, IdsAndMaskOnnxConfig

BATCH = 2
LENGTH = 2 * LARGEST_BLOCK - 50
"""Tokens to trace with: two blocks, the second one not full, so that the graph has both cases."""
BANDED: Mapping[Task, Any] = {"question-answering": BandedLongformer, "text-classification": BandedClassifier}


def export_graph(checkpoint: Checkpoint, *, is_for_int8: bool = False) -> bytes:
    """A graph for every batch and every length up to the model's maximum.

    With `is_for_int8` it computes the same, but more of it with constant matrices, which can be quantized.
    """
    model, config = _traceable(checkpoint, is_for_int8=is_for_int8)
    shapes = {"batch_size": BATCH, "sequence_length": min(LENGTH, checkpoint.model.config.max_position_embeddings - 2)}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # torch, of the exporter that optimum uses
        warnings.simplefilter("ignore", TracerWarning)
        path = Path(folder, "model.onnx")
        export(model, config, path, input_shapes=shapes)
        graph = path.read_bytes()
    return with_attention(graph) if isinstance(config, BandedOnnxConfig) else graph


def export_for_int8(checkpoint: Checkpoint, exact: bytes) -> bytes:
    """The graph to quantize; it is `exact`, from `export_graph`, itself where the family has a single form."""
    if FAMILIES[checkpoint.family].exporter != "banded":
        return exact
    return export_graph(checkpoint, is_for_int8=True)


def _traceable(checkpoint: Checkpoint, *, is_for_int8: bool) -> tuple[Any, Any]:
    task, model, exporter = checkpoint.task, checkpoint.model, FAMILIES[checkpoint.family].exporter
    if exporter == "banded":
        return BANDED[task](model, is_for_int8=is_for_int8), BandedOnnxConfig(model.config, task=task)
    if exporter == "ids and mask":
        return model, IdsAndMaskOnnxConfig(model.config, task=task)
    constructor = TasksManager.get_exporter_config_constructor(
        "onnx", model=model, task=task, library_name="transformers"
    )
    return model, constructor(model.config)
