"""Split of a table into rows for training and rows for evaluation."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import orjson
from sklearn.model_selection import train_test_split

from functions.core.definition import Split
from functions.core.schema import Feature, Schema, Table, Value, row_count
from functions.core.training_data import too_few_rows

Rows = npt.NDArray[np.int64]
Digests = npt.NDArray[np.uint64]
DIGEST_BYTES = 8
OTHER = (
    'send more different ones, some to evaluate on (--evaluation), or set method = "random" in [split] of model.toml'
)
ONE_SIDED = "some are set aside to evaluate on, and one side of the split has none; send more"


def split_rows(table: Table, schema: Schema, split: Split) -> tuple[Rows, Rows]:
    """Row numbers for training and for evaluation.

    `hash` decides by the content of the row, so equal rows are on one side, and on the same side in every later
    table. `random` is scikit-learn's train_test_split, to reproduce a published figure.
    Raises InvalidInputError if a side stays empty.
    """
    rows = row_count(table)
    if split.method == "random":
        try:
            training, evaluation = train_test_split(np.arange(rows), test_size=split.test_size, random_state=split.seed)
        except ValueError:  # scikit-learn refuses to leave a side empty
            raise too_few_rows(rows, ONE_SIDED) from None
    else:
        digests = _digests(table, schema, split)
        # Digests of 64 bits are uniform, so the share below the threshold is test_size.
        is_evaluation = digests < np.uint64(int(split.test_size * 2**64))
        _refuse_one_sided(digests, is_evaluation)
        training, evaluation = np.flatnonzero(~is_evaluation), np.flatnonzero(is_evaluation)
    return training, evaluation


def _refuse_one_sided(digests: Digests, is_evaluation: npt.NDArray[np.bool_]) -> None:
    if not is_evaluation.all() and is_evaluation.any():
        return
    rows, different = len(digests), len(np.unique(digests))
    if different < rows:
        raise too_few_rows(rows, f"only {different} differ, and equal rows stay on one side of the split; {OTHER}")
    raise too_few_rows(rows, ONE_SIDED)


def take_rows(table: Table, rows: Rows) -> Table:
    """The chosen rows of every column, in the order of `rows`."""
    chosen = rows.tolist()
    return {name: [column[row] for row in chosen] for name, column in table.items()}


def _digests(table: Table, schema: Schema, split: Split) -> Digests:
    """A digest of 64 bits for each row, equal for equal rows."""
    columns = [_canonical(feature, table[feature.name]) for feature in schema.labelled]
    seed = str(split.seed).encode()
    rows = map(orjson.dumps, zip(*columns, strict=True))
    joined = b"".join([hashlib.blake2b(row, digest_size=DIGEST_BYTES, key=seed).digest() for row in rows])
    return np.frombuffer(joined, dtype=">u8").astype(np.uint64)


def _canonical(feature: Feature, column: list[Value]) -> list[Value]:
    """The column with equal numbers spelled alike: 29 as 29.0 and -0.0 as 0.0."""
    if feature.type != "number":
        return column
    return [None if value is None else float(value) + 0.0 for value in column]  # type: ignore[arg-type]
