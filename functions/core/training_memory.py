"""The largest training file for the memory of a trainer.

The figures were measured on files of 30 MB and of many shapes, read, fitted with scaled numbers or one-hot levels and a
linear model, and published. Small cells cost by their number, as 8 bytes in each of several copies; large ones by their
bytes.
"""

from __future__ import annotations

from functions.core.definition import Limits
from functions.core.errors import Fault, InvalidInputError
from functions.core.machine_memory import MIB, trainer_memory_bytes

RESERVED_BYTES = 400 * MIB
"""The memory of Python and the libraries of training, 220 MiB, with room for a model."""
MEMORY_OF_A_BYTE = 18
"""Bytes of memory for a byte of CSV: 7 for the churn table, 18 for columns of different numbers of six digits."""
MEMORY_OF_A_CELL = 55
"""Bytes of memory for a cell of one digit."""


def most_training_bytes(memory_bytes: int) -> int:
    return max(1, (memory_bytes - RESERVED_BYTES) // MEMORY_OF_A_BYTE)


def most_training_cells(memory_bytes: int) -> int:
    return max(1, (memory_bytes - RESERVED_BYTES) // MEMORY_OF_A_CELL)


def training_limit(limits: Limits, memory_bytes: int) -> int:
    """The largest file of a model, in bytes, for a trainer of so much memory: `max_training_bytes` may ask for less.

    It is no part of a definition, which would then differ from machine to machine, and its versions with it.
    """
    return min(limits.max_training_bytes, most_training_bytes(memory_bytes))


def require_fitting(size_bytes: int, limit: int, loc: str) -> None:
    """Raise InvalidInputError, located at `loc`, for a file above `limit`, which is the model's max_training_bytes."""
    if size_bytes > limit:
        raise InvalidInputError([Fault((loc,), _oversize(size_bytes, limit, trainer_memory_bytes()), "too_large")])


def _oversize(size_bytes: int, limit: int, memory_bytes: int) -> str:
    needed = size_bytes * MEMORY_OF_A_BYTE + RESERVED_BYTES
    remedy = (
        "raise it in [limits] of model.toml"
        if limit < most_training_bytes(memory_bytes)
        else f"the trainer has {_gigabytes(memory_bytes)}: give it more (on AWS with -c training_memory_mb)"
    )
    return (
        f"the file is larger than {limit} bytes (max_training_bytes): it has {size_bytes}, and to train on them takes "
        f"about {_gigabytes(needed)} of memory; {remedy}, or train on fewer rows"
    )


def _gigabytes(number: int) -> str:
    return f"{number / 1024 / MIB:.1f} GiB"
