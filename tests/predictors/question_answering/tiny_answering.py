"""A question-answering version of a few kilobytes: real tokenizers, and a graph that scores each token by itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

from functions.core.definition import Limits
from functions.predictors.question_answering.parameters import AnsweringSettings
from functions.predictors.question_answering.predictor import QuestionAnsweringPredictor
from tests.predictors.asked_texts import SENTENCES
from tests.predictors.pieces import word_pieces, words_of

TOKENIZERS = ("word_pieces", "byte_pairs")
LENGTH = 48
SETTINGS = AnsweringSettings(LENGTH, max_question_len=16)


@cache
def tokenizer(kind: str) -> bytes:
    return (_word_pieces() if kind == "word_pieces" else _byte_pairs()).to_str().encode()


def _word_pieces() -> Tokenizer:
    made = Tokenizer(models.WordPiece())
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    vocabulary = word_pieces(words_of(made, SENTENCES), special, 900)
    made.model = models.WordPiece(vocabulary, unk_token="[UNK]")  # noqa: S106
    made.add_special_tokens(special)
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    return made


def _byte_pairs() -> Tokenizer:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=900,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(SENTENCES, trainer)
    made.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False
    )
    return made


def graph(start: Mapping[int, float], end: Mapping[int, float], inputs: tuple[str, ...] = ("input_ids",)) -> bytes:
    """A graph that gives tokens of these ids these scores, others 0; a token's type, if it is an input, is added."""
    table = np.zeros((1000, 2), dtype=np.float32)
    for column, scores in enumerate((start, end)):
        for token, score in scores.items():
            table[token, column] = score
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["of_ids"])]
    if "token_type_ids" in inputs:
        nodes += [
            helper.make_node("Cast", ["token_type_ids"], ["flat_types"], to=TensorProto.FLOAT),
            helper.make_node("Unsqueeze", ["flat_types", "two"], ["types"]),
            helper.make_node("Add", ["of_ids", "types"], ["scores"]),
        ]
    else:
        nodes.append(helper.make_node("Identity", ["of_ids"], ["scores"]))
    nodes += [
        helper.make_node("Gather", ["scores", "zero"], ["start_logits"], axis=2),
        helper.make_node("Gather", ["scores", "one"], ["end_logits"], axis=2),
    ]
    constants = [
        numpy_helper.from_array(table, "table"),
        *(numpy_helper.from_array(np.array(value), name) for name, value in (("zero", 0), ("one", 1), ("two", [2]))),
    ]
    shape = ["batch", "sequence"]
    taken = [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in inputs]
    given = [helper.make_tensor_value_info(f"{name}_logits", TensorProto.FLOAT, shape) for name in ("start", "end")]
    made = helper.make_graph(nodes, "tiny", taken, given, constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    body: bytes = model.SerializeToString()
    return body


def predictor(
    kind: str, *, answer: str = " enero", max_tokens: int = 8192, settings: AnsweringSettings = SETTINGS, **more: Any
) -> QuestionAnsweringPredictor:
    """A predictor whose graph scores the single token of `answer` highest."""
    [token] = Tokenizer.from_buffer(tokenizer(kind)).encode(answer, add_special_tokens=False).ids
    made = graph({token: 8.0}, {token: 8.0}, **more)
    return QuestionAnsweringPredictor(made, tokenizer(kind), settings.to_json(), Limits(max_tokens=max_tokens))
