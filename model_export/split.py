"""Which rows are set aside for evaluation."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import orjson
from sklearn.model_selection import train_test_split

from functions.core.definition import Split
from functions.core.errors import Fault, InvalidInputError
from functions.core.schema import Schema, Table

Rows = npt.NDArray[np.int64]


def split_rows(table: Table, schema: Schema, split: Split) -> tuple[Rows, Rows]:
    """Row numbers for training and for evaluation.

    `hash` decides by the content of the row, so equal rows stand on one side, and on the same side in
    every later table. `random` is scikit-learn's train_test_split, to reproduce a published figure.
    Raises InvalidInputError where a side stays empty.
    """
    rows = len(table[schema.target.name])
    if split.method == "random":
        training, evaluation = train_test_split(np.arange(rows), test_size=split.test_size, random_state=split.seed)
    else:
        is_evaluation = _by_hash(table, schema, split)
        training, evaluation = np.flatnonzero(~is_evaluation), np.flatnonzero(is_evaluation)
    if not len(training) or not len(evaluation):
        raise InvalidInputError([Fault((), f"{rows} rows are too few to set some aside for evaluation", "too_short")])
    return training, evaluation


def take_rows(table: Table, rows: Rows) -> Table:
    """The chosen rows of every column, in the order of `rows`."""
    chosen = rows.tolist()
    return {name: [column[row] for row in chosen] for name, column in table.items()}


def _by_hash(table: Table, schema: Schema, split: Split) -> npt.NDArray[np.bool_]:
    columns = [table[name] for name in (*schema.feature_names, schema.target.name)]
    threshold = int(split.test_size * 2**64)
    seed = str(split.seed).encode()
    digests = (
        hashlib.blake2b(orjson.dumps(row), digest_size=8, key=seed).digest() for row in zip(*columns, strict=True)
    )
    return np.array([int.from_bytes(digest, "big") < threshold for digest in digests], dtype=np.bool_)
