"""Attention as one node of the graph; the exporter of torch would take it apart.

ONNX Runtime has one fast kernel for the whole node, and needs no room for the scores between its parts.
"""

from __future__ import annotations

from typing import Any

import onnx
import torch
from onnx import version_converter
from torch import Tensor

DOMAIN = "despliegue"
OPSET = 23
"""The first operator set that has Attention; torch exports up to an earlier one."""


class _Attention(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor, mask: Tensor, heads: int) -> Tensor:
        scores = _by_head(query, heads) @ _by_head(key, heads).transpose(-1, -2) + mask
        return (scores.softmax(-1) @ _by_head(value, heads)).transpose(1, 2).reshape(query.shape)

    @staticmethod
    def symbolic(graph: Any, query: Any, key: Any, value: Any, mask: Any, heads: int) -> Any:
        node = f"{DOMAIN}::Attention"
        output = graph.op(node, query, key, value, mask, q_num_heads_i=heads, kv_num_heads_i=heads, scale_f=1.0)
        return output.setType(query.type())


def attention(query: Tensor, key: Tensor, value: Tensor, mask: Tensor, heads: int) -> Tensor:
    """Attended values [B, S, H].

    `query` is [B, S, H], `key` and `value` are [B, T, H]; `mask` [B, 1, S, T] is added to the scores.
    """
    attended: Tensor = _Attention.apply(query, key, value, mask, heads)  # type: ignore[no-untyped-call]
    return attended


def with_attention(graph: bytes) -> bytes:
    """An exported `graph` with ONNX's own Attention for each node that `attention` left in it."""
    model = version_converter.convert_version(onnx.load_from_string(graph), OPSET)
    # The exporter accepts unknown operators in domains of their own only, so the node is renamed afterwards.
    for node in model.graph.node:
        if node.domain == DOMAIN:
            node.domain = ""
    imports = [opset for opset in model.opset_import if opset.domain != DOMAIN]
    del model.opset_import[:]
    model.opset_import.extend(imports)
    body: bytes = model.SerializeToString()
    return body


def _by_head(projected: Tensor, heads: int) -> Tensor:
    return projected.reshape(projected.shape[0], projected.shape[1], heads, -1).transpose(1, 2)
