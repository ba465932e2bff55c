"""A Longformer in a form that ONNX can hold: the same numbers, in blocks of queries.

The original slides its window with strided views and picks the question's tokens with data-dependent indices; traced,
both are frozen to the traced lengths. Here each block of queries reads one run of keys that holds all its windows,
behind the keys of the question, and a mask takes out what lies outside of each query's own window.
"""

from __future__ import annotations

import copy
import math
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from transformers import LongformerForQuestionAnswering, LongformerForSequenceClassification
from transformers.models.longformer.modeling_longformer import LongformerPreTrainedModel

from model_export.checkpoints.attention import attention

LARGEST_BLOCK = 128
MASKED = -1e9
"""Not minus infinity: softmax of a row that is masked throughout would be NaN."""


class Sequence(NamedTuple):
    """Tensors that all layers share; S is a multiple of `block`, Q the tokens of the longest question of the batch.

    `is_question` and `is_text` [B, S] bool: tokens that every token attends to, and tokens that are not padding.
    `positions` [S] and `question` [Q] int64 count from 0.
    """

    block: int
    is_question: Tensor
    is_text: Tensor
    positions: Tensor
    question: Tensor


class Band(NamedTuple):
    """The keys that each block reads: positions [blocks, T] int64, and their mask [B * blocks, 1, block, T] float32."""

    keys: Tensor
    mask: Tensor


class BandedEncoder(LongformerPreTrainedModel):  # type: ignore[no-untyped-call]
    """The layers of a Longformer; in every row at least the first token is a global one."""

    def __init__(self, original: Any, *, is_for_int8: bool = False) -> None:
        super().__init__(original.config)
        longformer = original.longformer
        self.embeddings = longformer.embeddings
        heads = self.config.num_attention_heads
        self.layers = nn.ModuleList(
            BandedLayer(layer, heads, is_for_int8=is_for_int8) for layer in longformer.encoder.layer
        )
        self.windows = [window // 2 for window in windows(self.config)]

    def encoded(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """The last hidden states [B, S, H], from token ids and mask [B, S] int64."""
        length: int = input_ids.shape[1]
        blocks = self._blocks(length)
        block = (length + blocks - 1) // blocks
        ids, mask = _padded(input_ids, attention_mask, blocks * block, pad=self.config.pad_token_id)
        sequence = self._sequence(ids, mask, block)
        bands = {window: _band(sequence, window) for window in sorted(set(self.windows))}
        hidden = self.embeddings(ids)
        for layer, window in zip(self.layers, self.windows, strict=True):
            hidden = layer(hidden, sequence, bands[window])
        encoded: Tensor = hidden[:, :length]
        return encoded

    def _blocks(self, length: int) -> int:
        """Number of blocks: 1 for a text that every block would read whole, else enough to keep each one small.

        An `if` would be frozen to the traced length; only a shape carries a condition on it into the graph.
        """
        read = LARGEST_BLOCK + 2 * min(self.windows)
        is_longer: int = torch.arange(length)[read : read + 1].shape[0]
        return 1 + is_longer * ((length + LARGEST_BLOCK - 1) // LARGEST_BLOCK - 1)

    def _sequence(self, ids: Tensor, mask: Tensor, block: int) -> Sequence:
        positions = torch.arange(ids.shape[1])
        end = self._global_end(ids)
        is_question = positions[None] < end[:, None]
        longest: Any = end.max()
        return Sequence(block, is_question, mask > 0, positions, torch.arange(longest))

    def _global_end(self, ids: Tensor) -> Tensor:
        """The number of global tokens [B], which come first."""
        raise NotImplementedError


class BandedLongformer(BandedEncoder):  # type: ignore[no-untyped-call]
    """Reads pairs with the question first, whose tokens are the global ones."""

    def __init__(self, original: LongformerForQuestionAnswering, *, is_for_int8: bool = False) -> None:
        super().__init__(original, is_for_int8=is_for_int8)
        self.qa_outputs = original.qa_outputs

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> dict[str, Tensor]:
        """`start_logits` and `end_logits` [B, S] float32, from token ids and mask [B, S] int64."""
        logits = self.qa_outputs(self.encoded(input_ids, attention_mask))
        return {"start_logits": logits[..., 0], "end_logits": logits[..., 1]}

    def _global_end(self, ids: Tensor) -> Tensor:
        separator: Any = self.config.sep_token_id
        # argmax gives the place of the first separator, and 0 without one: every row keeps one global token.
        return ids.eq(separator).to(torch.int32).argmax(dim=1).clamp(min=1)


class BandedClassifier(BandedEncoder):  # type: ignore[no-untyped-call]
    """Reads texts, each with its first token as the only global one."""

    def __init__(self, original: LongformerForSequenceClassification, *, is_for_int8: bool = False) -> None:
        super().__init__(original, is_for_int8=is_for_int8)
        self.classifier = original.classifier

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> dict[str, Tensor]:
        """`logits` [B, labels] float32, from token ids and mask [B, S] int64."""
        return {"logits": self.classifier(self.encoded(input_ids, attention_mask))}

    def _global_end(self, ids: Tensor) -> Tensor:
        return torch.ones_like(ids[:, 0])


class BandedLayer(nn.Module):
    """One encoder layer over the weights of the original.

    The bias of the keys adds the same to all scores of a query, which softmax drops. The bias of the values passes
    through the attention unchanged, as its weights sum to one, so it is added once after it.
    """

    def __init__(self, original: Any, heads: int, *, is_for_int8: bool) -> None:
        super().__init__()
        own = original.attention.self
        self.heads = heads
        self.query = _scaled(own.query, heads)
        self.key = _unbiased(own.key.weight)
        self.value = _unbiased(own.value.weight)
        self.question = QuestionAttention(own, heads, is_for_int8=is_for_int8)
        self.attention_output = _with_bias_of(own.value, original.attention.output)
        self.intermediate = original.intermediate
        self.output = original.output

    def forward(self, hidden: Tensor, sequence: Sequence, band: Band) -> Tensor:
        """The next hidden states [B, S, H]."""
        # The rows of the question are computed here too, and replaced below: leaving them out would need a loop.
        attended = self._local(hidden, sequence.block, band)
        attended = self.question(hidden, attended, sequence)
        hidden = self.attention_output(attended, hidden)
        output: Tensor = self.output(self.intermediate(hidden), hidden)
        return output

    def _local(self, hidden: Tensor, block: int, band: Band) -> Tensor:
        batch, _, width = hidden.shape
        blocks, read = band.keys.shape
        query = self.query(hidden).reshape(batch * blocks, block, width)
        key = self.key(hidden)[:, band.keys].reshape(batch * blocks, read, width)
        value = self.value(hidden)[:, band.keys].reshape(batch * blocks, read, width)
        return attention(query, key, value, band.mask, self.heads).reshape(batch, -1, width)


class QuestionAttention(nn.Module):
    """Attention of the question's tokens to the whole text, with projections of their own.

    `value_bias` is the difference between the bias of their values and the bias of all other values.
    """

    def __init__(self, original: Any, heads: int, *, is_for_int8: bool) -> None:
        super().__init__()
        self.query = _scaled(original.query_global, heads)
        self.text = (ProjectedText if is_for_int8 else FoldedText)(original, heads)
        self.value_bias = _frozen(original.value_global.bias - original.value.bias)

    def forward(self, hidden: Tensor, attended: Tensor, sequence: Sequence) -> Tensor:
        """`attended` [B, S, H] with the rows of the question replaced."""
        batch, _, width = hidden.shape
        mask = torch.where(sequence.is_text, 0.0, MASKED)[:, None]
        asked = self.text(self.query(hidden[:, sequence.question]), hidden, mask) + self.value_bias
        is_question = sequence.is_question[:, sequence.question, None]
        replaced = torch.where(is_question, asked, attended[:, sequence.question])
        return attended.scatter(1, sequence.question[None, :, None].expand(batch, -1, width), replaced)


class FoldedText(nn.Module):
    """Keys and values of a text that few tokens read, projected on the side of the queries: (q W) x^T for q (x W)^T."""

    def __init__(self, original: Any, heads: int) -> None:
        super().__init__()
        width = original.key_global.in_features
        self.key = _frozen(original.key_global.weight.reshape(heads, -1, width))
        self.value = _frozen(original.value_global.weight.reshape(heads, -1, width).transpose(1, 2))

    def forward(self, query: Tensor, hidden: Tensor, mask: Tensor) -> Tensor:
        """Attended values of `query` [B, Q, H] over `hidden` [B, S, H]; `mask` [B, 1, S] is added to the scores."""
        batch, _, width = hidden.shape
        heads = self.key.shape[0]
        query = query.reshape(batch, -1, heads, width // heads).transpose(1, 2)
        query = (query @ self.key).reshape(batch, -1, width)
        probabilities = (query @ hidden.transpose(-1, -2) + mask).softmax(-1)
        gathered = (probabilities @ hidden).reshape(batch, heads, -1, width)
        return (gathered @ self.value).transpose(1, 2).reshape(batch, -1, width)


class ProjectedText(nn.Module):
    """The same with a key and a value of every token: more operations, nearly all with matrices that int8 can hold."""

    def __init__(self, original: Any, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.key = _unbiased(original.key_global.weight)
        self.value = _unbiased(original.value_global.weight)

    def forward(self, query: Tensor, hidden: Tensor, mask: Tensor) -> Tensor:
        """The same values as FoldedText's, from the same arguments."""
        mask = mask[:, None].expand(-1, -1, query.shape[1], -1)
        return attention(query, self.key(hidden), self.value(hidden), mask, self.heads)


def _padded(ids: Tensor, mask: Tensor, length: int, *, pad: Any) -> tuple[Tensor, Tensor]:
    # Of no columns where the length fits already, so that the graph needs no condition.
    padding = torch.zeros((ids.shape[0], length - ids.shape[1]), dtype=torch.int64)
    return torch.cat([ids, padding + pad], dim=1), torch.cat([mask, padding], dim=1)


def _band(sequence: Sequence, window: int) -> Band:
    """Keys and mask of each block; near an end the run of keys is moved inwards, so that it stays in the sequence."""
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
    return Band(keys, mask.reshape(-1, 1, sequence.block, keys.shape[1]))


def windows(config: Any) -> list[int]:
    """Tokens of the window of each layer."""
    window = config.attention_window
    return [window] * config.num_hidden_layers if isinstance(window, int) else list(window)


def _scaled(linear: nn.Linear, heads: int) -> nn.Linear:
    """The projection of queries with the division by the root of a head's size in its weights."""
    scale = 1 / math.sqrt(linear.out_features // heads)
    scaled = nn.Linear(linear.in_features, linear.out_features)
    scaled.weight = _frozen(linear.weight * scale)
    scaled.bias = _frozen(linear.bias * scale)
    return scaled


def _unbiased(weight: Tensor) -> nn.Linear:
    linear = nn.Linear(weight.shape[1], weight.shape[0], bias=False)
    linear.weight = _frozen(weight)
    return linear


def _with_bias_of(value: nn.Linear, original: Any) -> Any:
    """The output projection of an attention, with the bias that its values come without."""
    output = copy.deepcopy(original)
    output.dense.bias = _frozen(original.dense.bias + original.dense.weight @ value.bias)
    return output


def _frozen(weight: Tensor) -> nn.Parameter:
    return nn.Parameter(weight.detach().clone(memory_format=torch.contiguous_format), requires_grad=False)
