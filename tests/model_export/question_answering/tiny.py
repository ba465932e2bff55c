"""Tiny checkpoints of every family, with random weights and tokenizers of their own, as save_pretrained writes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

TEXTS = [
    "La beca de transporte paga el abono mensual del autobús y del metro a quien estudia lejos de su casa.",
    "Se puede pedir hasta el 15 de octubre, en la secretaría del centro o por correo electrónico.",
    "¿Cuándo se cobra? La ayuda se cobra en enero; el importe es de 1.250,50 € al año.",
    "Quien haya recibido otra beca del ministerio (¡aunque sea parcial!) no la puede pedir.",
    "What does it pay? The grant pays tuition, books and a laptop for two years.",
]
LENGTH = 200
VOCABULARY = 400
SIZES: Mapping[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "initializer_range": 0.3,
}


def write_checkpoint(folder: Path, family: str, **changed: Any) -> None:
    """One with random weights that differ enough for its best answers to be far apart."""
    import torch
    from transformers import AutoConfig

    from model_export.question_answering.checkpoints import FAMILIES

    tokenizer = _tokenizer(folder, family)
    special = {name: getattr(tokenizer, name) for name in ("pad_token_id", "sep_token_id")}
    config = AutoConfig.for_model(family, **{**SIZES, **_SIZES_OF[family], **special, **changed})
    torch.manual_seed(7)
    model = FAMILIES[family](config)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim == 1:  # biases start as zeros, which would hide their loss
                weight.add_(torch.randn_like(weight), alpha=0.2)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


_SIZES_OF: Mapping[str, Mapping[str, Any]] = {
    "bert": {"max_position_embeddings": LENGTH},
    "distilbert": {"max_position_embeddings": LENGTH, "dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 48},
    "electra": {"max_position_embeddings": LENGTH, "embedding_size": 24},
    "longformer": {"max_position_embeddings": LENGTH + 2, "attention_window": [8, 16], "type_vocab_size": 1},
    "roberta": {"max_position_embeddings": LENGTH + 2, "type_vocab_size": 1},
}


def _tokenizer(folder: Path, family: str) -> Any:
    folder.mkdir(parents=True)
    return (_byte_pairs if family in ("longformer", "roberta") else _word_pieces)(folder, family)


def _byte_pairs(folder: Path, family: str) -> Any:
    from tokenizers import ByteLevelBPETokenizer
    from transformers import LongformerTokenizerFast, RobertaTokenizerFast

    kinds = {"longformer": LongformerTokenizerFast, "roberta": RobertaTokenizerFast}
    trained = ByteLevelBPETokenizer()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trained.train_from_iterator(TEXTS, vocab_size=VOCABULARY, special_tokens=special, show_progress=False)
    vocabulary, merges = trained.save_model(str(folder))
    return kinds[family](vocab_file=vocabulary, merges_file=merges, model_max_length=LENGTH)


def _word_pieces(folder: Path, family: str) -> Any:
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertTokenizerFast, DistilBertTokenizerFast, ElectraTokenizerFast

    kinds = {"bert": BertTokenizerFast, "distilbert": DistilBertTokenizerFast, "electra": ElectraTokenizerFast}
    trained = BertWordPieceTokenizer(lowercase=False)
    trained.train_from_iterator(TEXTS, vocab_size=VOCABULARY, show_progress=False)
    (vocabulary,) = trained.save_model(str(folder))
    return kinds[family](vocab_file=vocabulary, model_max_length=LENGTH, do_lower_case=False)
