"""A version of a few kilobytes that labels texts: a real tokenizer, and a graph that adds up a score of each token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer

from functions.core.definition import Limits
from functions.core.schema import Feature, Schema
from functions.predictors.text.labelling import LabellingSettings
from functions.predictors.text.transformer import TransformerPredictor
from tests.predictors.question_answering.tiny_answering import tokenizer

LABELS = ("enero", "otro")
SCHEMA = Schema((Feature("text", "string", categorical=False),), Feature("label", "string"))


def label_graph(weights: Mapping[int, Sequence[float]], inputs: Sequence[str] = ("input_ids",)) -> bytes:
    """A graph whose logits are the sum of the weights of all tokens; two labels."""
    table = np.zeros((1000, 2), dtype=np.float32)
    for token, row in weights.items():
        table[token] = row
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["of_tokens"]),
        helper.make_node("ReduceSum", ["of_tokens", "axes"], ["logits"], keepdims=0),
    ]
    constants = [numpy_helper.from_array(table, "table"), numpy_helper.from_array(np.array([1]), "axes")]
    taken = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"]) for name in inputs]
    given = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 2])]
    made = helper.make_graph(nodes, "tiny", taken, given, constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    body: bytes = model.SerializeToString()
    return body


def labels_by(
    settings: LabellingSettings, *, limits: Limits | None = None, weight: float = 2.0
) -> TransformerPredictor:
    """A predictor that gives "enero" more for each token of that word."""
    body = tokenizer("word_pieces")
    [token] = Tokenizer.from_buffer(body).encode("enero", add_special_tokens=False).ids
    graph = label_graph({token: (weight, 0.0)})
    return TransformerPredictor(graph, body, settings.to_json(), SCHEMA, LABELS, limits or Limits())
