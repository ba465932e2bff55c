"""The small Longformer of `becas`: a stock transformers model, and its forward with dense masks to train it fast."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from transformers import LongformerConfig, LongformerForQuestionAnswering

BOS, PAD, EOS, UNKNOWN, MASK = range(5)
SPECIAL_TOKENS = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
MAX_TOKENS = 2048
FIRST_POSITION = PAD + 1
WINDOW = 128
HEAD_SIZE = 64
BLOCKED = -1e9


@dataclass(frozen=True, slots=True)
class Batch:
    """`ids`, `positions` (int64) and `is_global`, `is_token` (bool), all [batch, sequence]; the question is global."""

    ids: Tensor
    positions: Tensor
    is_global: Tensor
    is_token: Tensor


def build_model(vocabulary: int, *, layers: int = 4, width: int = 256, inner: int = 768) -> Any:
    """Fresh weights: sinusoidal positions, and global projections that begin as the local ones."""
    config = LongformerConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=width // HEAD_SIZE,
        intermediate_size=inner,
        attention_window=[WINDOW] * layers,
        max_position_embeddings=MAX_TOKENS + FIRST_POSITION,
        type_vocab_size=1,
        bos_token_id=BOS,
        pad_token_id=PAD,
        eos_token_id=EOS,
        sep_token_id=EOS,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        layer_norm_eps=1e-5,
    )
    model: Any = LongformerForQuestionAnswering(config)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        embeddings = model.longformer.embeddings.position_embeddings.weight
        embeddings.copy_(_sinusoids(*embeddings.shape) * config.initializer_range * math.sqrt(2))
        for layer in model.longformer.encoder.layer:
            attention = layer.attention.self
            for name in ("query", "key", "value"):
                getattr(attention, f"{name}_global").weight.copy_(getattr(attention, name).weight)
    return model


def load_model(folder: Path) -> Any:
    """The weights of a checkpoint that `save_pretrained` wrote, to go on from."""
    return LongformerForQuestionAnswering.from_pretrained(folder)


def hidden_states(model: Any, batch: Batch) -> tuple[Tensor, Tensor]:
    """The states [batch, sequence, width] after half of the layers, and after all: those of the stock forward."""
    embeddings = model.longformer.embeddings
    states = embeddings.LayerNorm(
        embeddings.word_embeddings(batch.ids)
        + embeddings.position_embeddings(batch.positions)
        + embeddings.token_type_embeddings.weight[0]
    )
    masks = _masks(batch, states.dtype)
    layers = model.longformer.encoder.layer
    middle = states
    for number, layer in enumerate(layers):
        if number == len(layers) // 2:
            middle = states
        states = _layer(layer, states, batch.is_global, masks)
    return middle, states


def _masks(batch: Batch, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """What is added to the scores of local and of global queries."""
    length = batch.ids.shape[1]
    place = torch.arange(length)
    near = (place[:, None] - place[None]).abs() <= WINDOW // 2
    seen = (near[None] | batch.is_global[:, None]) & batch.is_token[:, None]
    seen = seen | torch.eye(length, dtype=torch.bool)[None]  # a row of padding attends to itself, not to nothing
    if torch.is_autocast_enabled("cpu"):
        dtype = torch.bfloat16
    local = torch.zeros(seen.shape, dtype=dtype).masked_fill_(~seen, BLOCKED)[:, None]
    everywhere = torch.zeros(batch.ids.shape, dtype=dtype).masked_fill_(~batch.is_token, BLOCKED)[:, None, None]
    return local, everywhere


def _layer(layer: Any, states: Tensor, is_global: Tensor, masks: tuple[Tensor, Tensor]) -> Tensor:
    attention, output = layer.attention.self, layer.attention.output
    mixed = _attend(states, states, (attention.query, attention.key, attention.value), masks[0])
    questions = int(is_global.sum(1).max())
    projections = (attention.query_global, attention.key_global, attention.value_global)
    asked = _attend(states[:, :questions], states, projections, masks[1])
    first = torch.where(is_global[:, :questions, None], asked, mixed[:, :questions])
    mixed = torch.cat([first, mixed[:, questions:]], 1)
    states = output.LayerNorm(output.dense(mixed) + states)
    inner = functional.gelu(layer.intermediate.dense(states))
    result: Tensor = layer.output.LayerNorm(layer.output.dense(inner) + states)
    return result


def _attend(queries: Tensor, states: Tensor, projections: tuple[Any, Any, Any], mask: Tensor) -> Tensor:
    query, key, value = projections
    mixed = functional.scaled_dot_product_attention(
        _heads(query(queries)),
        _heads(key(states)),
        _heads(value(states)),
        attn_mask=mask.expand(-1, -1, queries.shape[1], -1),
    )
    return mixed.transpose(1, 2).reshape(queries.shape)


def _heads(states: Tensor) -> Tensor:
    return states.reshape(*states.shape[:2], -1, HEAD_SIZE).transpose(1, 2)


def _sinusoids(positions: int, width: int) -> Tensor:
    place = torch.arange(positions)[:, None]
    rate = torch.exp(-math.log(10_000) * torch.arange(0, width, 2) / width)
    return torch.cat([torch.sin(place * rate), torch.cos(place * rate)], 1)
