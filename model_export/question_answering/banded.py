"""Longformer's question answering as ONNX can hold it: the same numbers, in blocks of queries.

The original slides its window with strided views and picks the question's tokens with data-dependent indices; traced,
either is frozen to the traced lengths. Here each block of queries reads one run of keys that holds all its windows,
behind the keys of the question, and a mask takes out what lies outside of each query's own window.
"""

from __future__ import annotations

import copy
import math
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from transformers import LongformerForQuestionAnswering
from transformers.models.longformer.modeling_longformer import LongformerPreTrainedModel

LARGEST_BLOCK = 128
MASKED = -1e9


class Sequence(NamedTuple):
    """What all layers share; S is a multiple of `block`, Q the tokens of the longest question of the batch.

    `is_question` and `is_text` [B, S] bool: attended from everywhere, and padding excluded; `positions` [S] and
    `question` [Q] int64 count from 0.
    """

    block: int
    is_question: Tensor
    is_text: Tensor
    positions: Tensor
    question: Tensor


class Band(NamedTuple):
    """The keys that each block reads: positions [blocks, T] int64, and their mask [B, 1, blocks, block, T] float32."""

    keys: Tensor
    mask: Tensor


class BandedLongformer(LongformerPreTrainedModel):  # type: ignore[no-untyped-call]
    """Takes question-first pairs; every row keeps at least its first token as a global one."""

    def __init__(self, original: LongformerForQuestionAnswering) -> None:
        super().__init__(original.config)
        longformer = original.longformer
        self.embeddings = longformer.embeddings
        self.layers = nn.ModuleList(BandedLayer(layer, self.config) for layer in longformer.encoder.layer)
        self.qa_outputs = original.qa_outputs
        self.windows = [window // 2 for window in windows(self.config)]

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> dict[str, Tensor]:
        """`start_logits` and `end_logits` [B, S] float32 of token ids and mask [B, S] int64."""
        length: int = input_ids.shape[1]
        blocks = self._blocks(length)
        block = (length + blocks - 1) // blocks
        ids, mask = _padded(input_ids, attention_mask, blocks * block, pad=self.config.pad_token_id)
        sequence = self._sequence(ids, mask, block)
        bands = {window: _band(sequence, window) for window in sorted(set(self.windows))}
        hidden = self.embeddings(ids)
        for layer, window in zip(self.layers, self.windows, strict=True):
            hidden = layer(hidden, sequence, bands[window])
        logits = self.qa_outputs(hidden)[:, :length]
        return {"start_logits": logits[..., 0], "end_logits": logits[..., 1]}

    def _blocks(self, length: int) -> int:
        """One for a text that every block would read whole, else as many as keep each small.

        Only shapes carry a condition on the length into the graph.
        """
        read = LARGEST_BLOCK + 2 * min(self.windows)
        is_longer: int = torch.arange(length)[read : read + 1].shape[0]
        return 1 + is_longer * ((length + LARGEST_BLOCK - 1) // LARGEST_BLOCK - 1)

    def _sequence(self, ids: Tensor, mask: Tensor, block: int) -> Sequence:
        positions = torch.arange(ids.shape[1])
        separator: Any = self.config.sep_token_id
        end = ids.eq(separator).to(torch.int32).argmax(dim=1).clamp(min=1)
        is_question = positions[None] < end[:, None]
        longest: Any = end.max()
        return Sequence(block, is_question, mask > 0, positions, torch.arange(longest))


class BandedLayer(nn.Module):
    """One encoder layer over the weights of the original.

    The bias of the keys adds the same to all scores of a query, which softmax drops; that of the values passes
    through the attention unchanged, as its weights sum to one, and so is added once behind it.
    """

    def __init__(self, original: Any, config: Any) -> None:
        super().__init__()
        attention = original.attention.self
        self.heads: int = config.num_attention_heads
        self.size: int = config.hidden_size // self.heads
        self.query = _scaled(attention.query, self.size)
        self.key = _unbiased(attention.key.weight)
        self.value = _unbiased(attention.value.weight)
        self.question = QuestionAttention(attention, self.heads, self.size)
        self.attention_output = _with_bias_of(attention.value, original.attention.output)
        self.intermediate = original.intermediate
        self.output = original.output

    def forward(self, hidden: Tensor, sequence: Sequence, band: Band) -> Tensor:
        """The next hidden states [B, S, H]."""
        attended = self._local(hidden, sequence.block, band)
        attended = self.question(hidden, attended, sequence)
        hidden = self.attention_output(attended, hidden)
        found: Tensor = self.output(self.intermediate(hidden), hidden)
        return found

    def _local(self, hidden: Tensor, block: int, band: Band) -> Tensor:
        batch, _, width = hidden.shape
        query = self._by_head(self.query(hidden)).reshape(batch, self.heads, -1, block, self.size)
        key = self._by_head(self.key(hidden))[:, :, band.keys]
        value = self._by_head(self.value(hidden))[:, :, band.keys]
        probabilities = (query @ key.transpose(-1, -2) + band.mask).softmax(-1)
        attended = (probabilities @ value).reshape(batch, self.heads, -1, self.size)
        return attended.transpose(1, 2).reshape(batch, -1, width)

    def _by_head(self, projected: Tensor) -> Tensor:
        """[B, S, H] as [B, heads, S, size]."""
        return projected.reshape(projected.shape[0], -1, self.heads, self.size).transpose(1, 2)


class QuestionAttention(nn.Module):
    """The question's tokens attend to the whole text, with projections of their own.

    They are few, so the projections of keys and values are applied on their side: (q W) x^T instead of q (x W)^T.
    Their bias is the one by which it differs from that of the other values.
    """

    def __init__(self, attention: Any, heads: int, size: int) -> None:
        super().__init__()
        self.heads, self.size = heads, size
        self.query = _scaled(attention.query_global, size)
        self.key = _frozen(attention.key_global.weight.reshape(heads, size, -1))
        self.value = _frozen(attention.value_global.weight.reshape(heads, size, -1).transpose(1, 2))
        self.value_bias = _frozen((attention.value_global.bias - attention.value.bias).reshape(1, heads, 1, size))

    def forward(self, hidden: Tensor, attended: Tensor, sequence: Sequence) -> Tensor:
        """`attended` [B, S, H] with the rows of the question replaced."""
        batch, _, width = hidden.shape
        start = hidden[:, sequence.question]
        query = self.query(start).reshape(batch, -1, self.heads, self.size).transpose(1, 2)
        query = (query @ self.key).reshape(batch, -1, width)
        mask = torch.where(sequence.is_text, 0.0, MASKED)[:, None]
        probabilities = (query @ hidden.transpose(-1, -2) + mask).softmax(-1)
        gathered = (probabilities @ hidden).reshape(batch, self.heads, -1, width)
        found = (gathered @ self.value + self.value_bias).transpose(1, 2).reshape(batch, -1, width)
        is_question = sequence.is_question[:, sequence.question, None]
        replaced = torch.where(is_question, found, attended[:, sequence.question])
        return torch.cat([replaced, attended[:, replaced.shape[1] :]], dim=1)


def _padded(ids: Tensor, mask: Tensor, length: int, *, pad: Any) -> tuple[Tensor, Tensor]:
    padding = torch.zeros((ids.shape[0], length - ids.shape[1]), dtype=torch.int64)
    return torch.cat([ids, padding + pad], dim=1), torch.cat([mask, padding], dim=1)


def _band(sequence: Sequence, window: int) -> Band:
    """Near an end the run of keys is moved inwards, so that it never leaves the sequence."""
    positions = sequence.positions
    run = positions[: sequence.block + 2 * window]
    queries = positions.reshape(-1, sequence.block)
    starts = torch.minimum((queries[:, 0] - window).clamp(min=0), positions[-1] - run[-1])
    local = starts[:, None] + run[None]
    is_near = (local[:, None] - queries[:, :, None]).abs() <= window
    is_local = (sequence.is_text & ~sequence.is_question)[:, local]
    local_mask = torch.where(is_local[:, :, None] & is_near[None], 0.0, MASKED)
    is_global = (sequence.is_text & sequence.is_question)[:, sequence.question]
    global_mask = torch.where(is_global, 0.0, MASKED)[:, None, None]
    blocks = local.shape[0]
    keys = torch.cat([sequence.question[None].expand(blocks, -1), local], dim=1)
    mask = torch.cat([global_mask.expand(-1, blocks, sequence.block, -1), local_mask], dim=-1)
    return Band(keys, mask[:, None])


def windows(config: Any) -> list[int]:
    window = config.attention_window
    return [window] * config.num_hidden_layers if isinstance(window, int) else list(window)


def _scaled(linear: nn.Linear, size: int) -> nn.Linear:
    """The projection of queries with the division by the root of their size in its weights."""
    scale = 1 / math.sqrt(size)
    found = nn.Linear(linear.in_features, linear.out_features)
    found.weight = _frozen(linear.weight * scale)
    found.bias = _frozen(linear.bias * scale)
    return found


def _unbiased(weight: Tensor) -> nn.Linear:
    found = nn.Linear(weight.shape[1], weight.shape[0], bias=False)
    found.weight = _frozen(weight)
    return found


def _with_bias_of(value: nn.Linear, original: Any) -> Any:
    """The output of an attention whose values come without their bias."""
    found = copy.deepcopy(original)
    found.dense.bias = _frozen(original.dense.bias + original.dense.weight @ value.bias)
    return found


def _frozen(weight: Tensor) -> nn.Parameter:
    return nn.Parameter(weight.detach().clone(memory_format=torch.contiguous_format), requires_grad=False)
