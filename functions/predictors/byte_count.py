"""The number of bytes of one value in a long text."""

from __future__ import annotations

import numpy as np

SHORT_BYTES = 4096
"""In a shorter text bytes.count is as fast."""


def count_byte(text: bytes, byte: bytes) -> int:
    """As bytes.count gives it for one byte, which looks at one byte after the other."""
    if len(text) < SHORT_BYTES:
        return text.count(byte)
    return int(np.count_nonzero(np.frombuffer(text, dtype=np.uint8) == byte[0]))
