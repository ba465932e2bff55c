"""Attention as one step of the graph, which torch's exporter would take apart."""

from __future__ import annotations

from typing import Any

import onnx
import torch
from onnx import version_converter
from torch import Tensor

DOMAIN = "despliegue"
OPSET = 23
"""The first that has Attention; torch exports up to an earlier one."""


class _Attention(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor, mask: Tensor, heads: int) -> Tensor:
        scores = _by_head(query, heads) @ _by_head(key, heads).transpose(-1, -2) + mask
        return (scores.softmax(-1) @ _by_head(value, heads)).transpose(1, 2).reshape(query.shape)

    @staticmethod
    def symbolic(graph: Any, query: Any, key: Any, value: Any, mask: Any, heads: int) -> Any:
        node = f"{DOMAIN}::Attention"
        found = graph.op(node, query, key, value, mask, q_num_heads_i=heads, kv_num_heads_i=heads, scale_f=1.0)
        return found.setType(query.type())


def attention(query: Tensor, key: Tensor, value: Tensor, mask: Tensor, heads: int) -> Tensor:
    """[B, S, H] of `query` [B, S, H], `key` and `value` [B, T, H], and of `mask` [B, 1, S, T], which is added."""
    found: Tensor = _Attention.apply(query, key, value, mask, heads)  # type: ignore[no-untyped-call]
    return found


def with_attention(graph: bytes) -> bytes:
    """An exported `graph` with the operator of ONNX for each step that `attention` left in it."""
    model = version_converter.convert_version(onnx.load_from_string(graph), OPSET)
    for node in model.graph.node:
        if node.domain == DOMAIN:
            node.domain = ""
    imports = [one for one in model.opset_import if one.domain != DOMAIN]
    del model.opset_import[:]
    model.opset_import.extend(imports)
    body: bytes = model.SerializeToString()
    return body


def _by_head(projected: Tensor, heads: int) -> Tensor:
    return projected.reshape(projected.shape[0], projected.shape[1], heads, -1).transpose(1, 2)
