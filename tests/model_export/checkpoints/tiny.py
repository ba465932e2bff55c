"""Tiny checkpoints of every family, with random weights and tokenizers of their own, as save_pretrained writes them."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.model_export.checkpoints.hub_tokenizers import LONGEST, SENTENCES, VOCABULARY, tokenizer_of_hub

TEXTS = SENTENCES
LENGTH = LONGEST
LABELS = ("positivo", "neutro", "negativo", "muy negativo")
SIZES: Mapping[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "initializer_range": 0.3,
}


def write_text_checkpoint(folder: Path, family: str, labels: Sequence[str] = LABELS, **changed: Any) -> None:
    """One that labels texts."""
    names = dict(enumerate(labels))
    ids = {label: number for number, label in names.items()}
    write_checkpoint(folder, family, head="SequenceClassification", id2label=names, label2id=ids, **changed)


def write_checkpoint(folder: Path, family: str, head: str = "QuestionAnswering", **changed: Any) -> None:
    """One with random weights that differ enough for its best answers to be far apart."""
    import torch
    import transformers

    tokenizer = tokenizer_of_hub(folder, family)
    special = {name: getattr(tokenizer, name) for name in ("pad_token_id", "sep_token_id", "cls_token_id")}
    config = transformers.AutoConfig.for_model(family, **{**SIZES, **_SIZES_OF[family], **special, **changed})
    torch.manual_seed(7)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # torch, of decorators in the code of some families
        model = getattr(transformers, f"AutoModelFor{head}").from_config(config)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim == 1:  # biases start as zeros, which would hide their loss
                weight.add_(torch.randn_like(weight), alpha=0.2)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def change(path: Path, **values: Any) -> None:
    """Set keys of a JSON file; None takes a key out."""
    document = {**json.loads(path.read_text(encoding="utf-8")), **values}
    path.write_text(json.dumps({key: value for key, value in document.items() if value is not None}), encoding="utf-8")


_SIZES_OF: Mapping[str, Mapping[str, Any]] = {
    "albert": {"max_position_embeddings": LENGTH, "embedding_size": 24},
    "bert": {"max_position_embeddings": LENGTH},
    "big_bird": {"max_position_embeddings": LENGTH, "attention_type": "original_full"},
    "camembert": {"max_position_embeddings": LENGTH + 2, "type_vocab_size": 1},
    "convbert": {"max_position_embeddings": LENGTH, "embedding_size": 24, "head_ratio": 2, "conv_kernel_size": 5},
    "deberta": {
        "max_position_embeddings": LENGTH,
        "type_vocab_size": 0,
        "relative_attention": True,
        "position_biased_input": False,
        "pos_att_type": ["c2p", "p2c"],
    },
    "deberta-v2": {
        "max_position_embeddings": LENGTH,
        "type_vocab_size": 0,
        "relative_attention": True,
        "position_biased_input": False,
        "position_buckets": 32,
        "norm_rel_ebd": "layer_norm",
        "share_att_key": True,
        "pos_att_type": ["p2c", "c2p"],
    },
    "distilbert": {"max_position_embeddings": LENGTH, "dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 48},
    "electra": {"max_position_embeddings": LENGTH, "embedding_size": 24},
    "longformer": {"max_position_embeddings": LENGTH + 2, "attention_window": [8, 16], "type_vocab_size": 1},
    "modernbert": {
        "max_position_embeddings": LENGTH,
        "num_hidden_layers": 3,
        "global_attn_every_n_layers": 2,
        "local_attention": 16,
    },
    "mpnet": {"max_position_embeddings": LENGTH + 2},
    "roberta": {"max_position_embeddings": LENGTH + 2, "type_vocab_size": 1},
    "roformer": {"max_position_embeddings": LENGTH},
    "squeezebert": {"max_position_embeddings": LENGTH, "embedding_size": 32},
    "xlm-roberta": {"max_position_embeddings": LENGTH + 2, "type_vocab_size": 1},
}
"""What differs by family; of DeBERTa and ModernBERT, as the published ones have it."""
