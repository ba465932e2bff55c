"""Checkpoints that label texts, as Simple Transformers writes them, and the scores that it gives."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.model_export.checkpoints.tiny import write_text_checkpoint

LENGTH = 64
UNNAMED = ("LABEL_0", "LABEL_1", "LABEL_2")
SEVERAL: dict[str, Any] = {"model_class": "MultiLabelClassificationModel", "threshold": 0.3}


def write_one_label(folder: Path, **args: Any) -> None:
    """What a ClassificationModel saves: a model of transformers, whose configuration has no names of labels."""
    write_text_checkpoint(folder, "bert", UNNAMED, problem_type="single_label_classification")
    _write_arguments(folder, {"model_class": "ClassificationModel", **args})


def write_several_labels(folder: Path, **args: Any) -> None:
    """What a MultiLabelClassificationModel saves: a model of its own class."""
    write_text_checkpoint(folder, "bert", UNNAMED)
    model_of_several_labels(folder).save_pretrained(folder)
    _write_arguments(folder, {**SEVERAL, **args})


def model_of_several_labels(folder: Path) -> Any:
    """The model in `folder`, of the class of Simple Transformers."""
    from torch import nn
    from transformers import BertModel, BertPreTrainedModel

    class BertForMultiLabelSequenceClassification(BertPreTrainedModel):
        def __init__(self, config: Any) -> None:
            super().__init__(config)
            self.bert = BertModel(config)
            self.dropout = nn.Dropout(config.hidden_dropout_prob)
            self.classifier = nn.Linear(config.hidden_size, config.num_labels)
            self.init_weights()

        def forward(self, **inputs: Any) -> Any:
            return self.classifier(self.dropout(self.bert(**inputs)[1]))

    return BertForMultiLabelSequenceClassification.from_pretrained(folder).eval()


def scores_of_several_labels(folder: Path, texts: Sequence[str], length: int = LENGTH) -> list[list[float]]:
    """The score of each label, text by text; texts are padded or cut to `length` tokens."""
    import torch
    from transformers import AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(folder)  # type: ignore[no-untyped-call]
    inputs = tokenizer(list(texts), truncation=True, padding="max_length", max_length=length, return_tensors="pt")
    with torch.no_grad():
        scores: list[list[float]] = model_of_several_labels(folder)(**inputs).sigmoid().tolist()
    return scores


def _write_arguments(folder: Path, args: dict[str, Any]) -> None:
    """All arguments that say how texts are labelled, with their defaults there."""
    defaults = {
        "labels_list": [],
        "labels_map": {},
        "max_seq_length": LENGTH,
        "regression": False,
        "sliding_window": False,
        "stride": 0.8,
        "tie_value": 1,
    }
    (folder / "model_args.json").write_text(json.dumps({**defaults, **args}), encoding="utf-8")
