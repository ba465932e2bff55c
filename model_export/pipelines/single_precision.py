"""Parameters of a pipeline that make it compute in float32, where a graph computes in double."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np


def single_precision_hint(pipeline: Any) -> str:
    """The steps of dtype float32 and the way out; "" if there are none."""
    names = list(dict.fromkeys(_single(pipeline)))
    if not names:
        return ""
    return (
        f". {', '.join(names)} makes later steps compute in single precision, which rounds in the eighth digit: "
        "set np.float64 and fit again"
    )


def _single(pipeline: Any) -> Iterator[str]:
    for name, value in pipeline.get_params(deep=True).items():
        if name.rpartition("__")[2] == "dtype" and value is not None and np.dtype(value) == np.float32:
            yield f"{name}=np.float32"
