"""MurmurHash3 of 32 bits, as sklearn.utils.murmurhash3_32 computes it, for many parts of one text at once.

The function is Austin Appleby's MurmurHash3_x86_32, which is in the public domain, with 0 as its seed.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import numpy.typing as npt

from functions.predictors.predictions import Integers

FIRST, SECOND = 0xCC9E2D51, 0x1B873593
FIFTH, ADDED = 5, 0xE6546B64
MIXED_FIRST, MIXED_SECOND = 0x85EBCA6B, 0xC2B2AE35
MASK = 0xFFFFFFFF
BLOCK = 4
LONGEST_AT_ONCE = 256
"""Bytes of a part. Longer ones are hashed one after another: numpy would work on a few of them block by block."""

_Words = npt.NDArray[np.uint32]


def murmur_hashes(data: bytes, starts: Integers, lengths: Integers) -> Integers:
    """For each part of `data`, its hash as a signed number of 32 bits, int64 [parts]."""
    found = np.zeros(len(starts), dtype=np.uint32)
    is_short = lengths <= LONGEST_AT_ONCE
    found[is_short] = _of_short(data, starts[is_short], lengths[is_short])
    for part in np.flatnonzero(~is_short).tolist():
        found[part] = _of_long(data[int(starts[part]) : int(starts[part] + lengths[part])])
    hashes: Integers = _finished(found, lengths).view(np.int32).astype(np.int64)
    return hashes


def _of_short(data: bytes, starts: Integers, lengths: Integers) -> _Words:
    """The hashes before they are finished, block by block for all parts that have so many."""
    words = _words_from(data)
    found = np.zeros(len(starts), dtype=np.uint32)
    blocks = lengths // BLOCK
    for block in range(int(blocks.max(initial=0))):
        having = np.flatnonzero(blocks > block)
        found[having] = _mixed(found[having] ^ _scrambled(words[starts[having] + block * BLOCK]))
    kept = np.array([0, 0xFF, 0xFFFF, 0xFFFFFF], dtype=np.uint32)[lengths % BLOCK]
    mixed: _Words = found ^ _scrambled(words[starts + blocks * BLOCK] & kept)
    return mixed


def _of_long(data: bytes) -> int:
    whole = len(data) // BLOCK
    found = 0
    for block in struct.unpack_from(f"<{whole}I", data):
        scrambled = block * FIRST & MASK
        found ^= (scrambled << 15 | scrambled >> 17) * SECOND & MASK
        found = ((found << 13 | found >> 19) * FIFTH + ADDED) & MASK
    tail = int.from_bytes(data[whole * BLOCK :], "little") * FIRST & MASK
    return found ^ (tail << 15 | tail >> 17) * SECOND & MASK


def _words_from(data: bytes) -> _Words:
    """For each byte, and for the end, the number that it and the three bytes after it make."""
    padded: Any = np.frombuffer(data + bytes(BLOCK), dtype=np.uint8).astype(np.uint32)
    words: _Words = padded[:-3] | padded[1:-2] << 8 | padded[2:-1] << 16 | padded[3:] << 24
    return words


def _scrambled(words: Any) -> Any:
    words = words * np.uint32(FIRST)
    return (words << 15 | words >> 17) * np.uint32(SECOND)


def _mixed(words: Any) -> Any:
    return (words << 13 | words >> 19) * np.uint32(FIFTH) + np.uint32(ADDED)


def _finished(words: Any, lengths: Integers) -> Any:
    words = words ^ lengths.astype(np.uint32)
    words = (words ^ words >> 16) * np.uint32(MIXED_FIRST)
    words = (words ^ words >> 13) * np.uint32(MIXED_SECOND)
    return words ^ words >> 16
