"""The small Longformer of `becas`: a stock transformers model, and a forward of it that trains fast."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from transformers import LongformerConfig, LongformerForQuestionAnswering

from zoo.becas.attention import HEAD_SIZE, REACH, Masks, global_attention, local_attention, masks

BOS, PAD, EOS, UNKNOWN, MASK = range(5)
SPECIAL_TOKENS = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
MAX_TOKENS = 2048
FIRST_POSITION = PAD + 1


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
        attention_window=[2 * REACH] * layers,
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
    dtype = torch.bfloat16 if torch.is_autocast_enabled("cpu") else states.dtype
    found = masks(batch.is_token, batch.is_global, dtype)
    layers = model.longformer.encoder.layer
    middle = states
    for number, layer in enumerate(layers):
        if number == len(layers) // 2:
            middle = states
        states = _layer(layer, states, batch.is_global, found)
    return middle, states


def _layer(layer: Any, states: Tensor, is_global: Tensor, masks: Masks) -> Tensor:
    attention, output = layer.attention.self, layer.attention.output
    mixed = local_attention(attention.query(states), attention.key(states), attention.value(states), masks)
    asked = global_attention(
        attention.query_global(states[:, : masks.questions]),
        attention.key_global(states),
        attention.value_global(states),
        masks,
    )
    first = torch.where(is_global[:, : masks.questions, None], asked, mixed[:, : masks.questions])
    mixed = torch.cat([first, mixed[:, masks.questions :]], 1)
    states = output.LayerNorm(output.dense(mixed) + states)
    inner = functional.gelu(layer.intermediate.dense(states))
    result: Tensor = layer.output.LayerNorm(layer.output.dense(inner) + states)
    return result


def _sinusoids(positions: int, width: int) -> Tensor:
    place = torch.arange(positions)[:, None]
    rate = torch.exp(-math.log(10_000) * torch.arange(0, width, 2) / width)
    return torch.cat([torch.sin(place * rate), torch.cos(place * rate)], 1)
