"""A model and a tokenizer as small as they can be, in the formats of multilingual-e5-small."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

from zoo.becas.e5 import BLOCK, LINEAR, MAGIC, NORMS, Dimensions
from zoo.becas.vocabulary import SPECIAL

PIECES = (
    *SPECIAL,
    "▁",
    *"abcdefghijlmnopqrstuvz0123456789.,¿?¡!áéíóú",
    "▁La",
    "▁beca",
    "▁paga",
    "▁900",
    "木",
    "<mask>",
)
SIZE = Dimensions(hidden=32, layers=2, heads=2, inner=64, pieces=len(PIECES), positions=128, types=2)
HALVES = 16


def write_tokenizer(path: Path) -> None:
    tokenizer = Tokenizer(models.Unigram([(piece, -1.0 if len(piece) > 1 else -5.0) for piece in PIECES], 3))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens([*SPECIAL, "<mask>"])
    ids = [(name, tokenizer.token_to_id(name)) for name in ("<s>", "</s>")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=ids
    )
    path.write_text(tokenizer.to_str(), "utf-8")


def write_weights(path: Path) -> dict[str, npt.NDArray[np.float32]]:
    """Write weights that any seed would do for; they are returned by their names in the file."""
    random = np.random.default_rng(1)
    tensors: dict[str, tuple[bytes, int, Any]] = {}

    def matrix(name: str, rows: int, columns: int) -> None:
        blocks = np.zeros(rows * columns // 32, BLOCK)
        blocks["scale"] = random.uniform(0.001, 0.02, len(blocks)).astype(np.float16)
        stored = random.integers(0, 16, (len(blocks), 32), dtype=np.uint8)
        blocks["halves"] = stored[:, :HALVES] | stored[:, HALVES:] << 4
        values = (stored.astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[:, np.newaxis]
        tensors[name] = blocks.tobytes(), rows * columns, values.reshape(rows, columns)

    def vector(name: str, length: int) -> None:
        values = random.normal(0, 0.1, length).astype("<f4")
        tensors[name] = values.tobytes(), length, values

    matrix("emb.word", SIZE.pieces, SIZE.hidden)
    for name, length in {"emb.pos": SIZE.positions, "emb.type": SIZE.types, "emb.ln.w": 1, "emb.ln.b": 1}.items():
        vector(name, length * SIZE.hidden)
    for layer in range(SIZE.layers):
        for name in LINEAR:
            rows, columns = {"fi": (SIZE.inner, SIZE.hidden), "fo": (SIZE.hidden, SIZE.inner)}.get(
                name, (SIZE.hidden, SIZE.hidden)
            )
            matrix(f"l{layer}.{name}.w", rows, columns)
            vector(f"l{layer}.{name}.b", rows)
        for name in NORMS:
            vector(f"l{layer}.{name}.w", SIZE.hidden)
            vector(f"l{layer}.{name}.b", SIZE.hidden)
    path.write_bytes(_file({name: (body, count) for name, (body, count, _) in tensors.items()}))
    return {name: values for name, (_, _, values) in tensors.items()}


def write_squad(path: Path) -> None:
    """Two paragraphs, a question each and one without answer, as Simple Transformers has them."""
    paragraphs = [
        ("La beca paga 900 pesos.", [("¿Cuánto paga?", "900 pesos")]),
        ("Es para estudiantes de Oaxaca.", [("¿Para quién es?", "estudiantes de Oaxaca"), ("¿Quién la ganó?", "")]),
    ]
    items = [
        {
            "context": text,
            "qas": [
                {
                    "question": question,
                    "is_impossible": not answer,
                    "answers": [{"text": answer, "answer_start": text.index(answer)}] if answer else [],
                }
                for question, answer in asked
            ],
        }
        for text, asked in paragraphs
    ]
    path.write_text(json.dumps(items), "utf-8")


def _file(tensors: dict[str, tuple[bytes, int]]) -> bytes:
    letters = [piece.encode() for piece in PIECES]
    starts = np.concatenate([[0], np.cumsum([len(one) for one in letters])]).astype("<u4")
    vocabulary = b"".join(letters)
    head = MAGIC + struct.pack("<i", 1) + struct.pack("<7i", SIZE.hidden, SIZE.layers, SIZE.heads, SIZE.inner,
                                                      SIZE.pieces, SIZE.positions, SIZE.types)  # fmt: skip
    head += struct.pack("<fi", 1e-12, 0) + struct.pack("<i4iQ", len(PIECES), 0, 0, 0, 0, len(vocabulary))
    head += starts.tobytes() + bytes(4 * len(PIECES)) + vocabulary + struct.pack("<iI", 0, 3) + b"abc"
    head += struct.pack("<i", len(tensors))
    offset = len(head) + sum(2 + len(name.encode()) + 1 + 4 + 16 for name in tensors)
    table, bodies = b"", b""
    for name, (body, count) in tensors.items():
        table += (
            struct.pack("<H", len(name.encode())) + name.encode() + struct.pack("<BIQQ", 0, count, offset, len(body))
        )
        bodies += body
        offset += len(body)
    return head + table + bodies
