"""Proof that the ONNX graph predicts as the pipeline does, through the code that will serve it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from functions.core.errors import ParityError, as_json
from functions.core.schema import Schema, Table, row_count
from functions.predictors.by_task import GraphPredictor
from model_export.pipelines import answers
from model_export.pipelines.batches import run_in_batches
from model_export.pipelines.convert import library_of
from model_export.pipelines.divisors import columns_divided_by, division_hint
from model_export.pipelines.edge_rows import edge_rows
from model_export.pipelines.pipeline_input import pipeline_input
from model_export.pipelines.precision import DOUBLE, Precision, precision_of
from model_export.pipelines.single_precision import single_precision_hint
from model_export.pipelines.ties import neighbour_hint, tie_hint

MAX_EVALUATION_ROWS = 20_000
SINGLE_ROWS = 16
MOST_CHARACTERS = 500
"""A message shows so many of a row."""


@dataclass(frozen=True, slots=True)
class ParityReport:
    """Rows compared and the largest differences; labels must all be equal.

    Relative differences are from the expected value, or from `smallest` where it is smaller. `arithmetic` is the
    coarsest that the pipeline itself computes in.
    """

    rows: int
    edge_rows: int
    single_rows: int
    max_absolute_difference: float
    max_relative_difference: float
    different_labels: int
    relative_tolerance: float = DOUBLE.relative_tolerance
    arithmetic: str = DOUBLE.arithmetic
    smallest: float = DOUBLE.smallest


def prove_parity(
    pipeline: Any, predictor: GraphPredictor, schema: Schema, evaluation: Table, *, is_classification: bool
) -> ParityReport:
    """Compare on evaluation rows, edge rows, and row by row against the batch.

    Raises ParityError that shows the worst row.
    """
    chosen = {name: evaluation[name][:MAX_EVALUATION_ROWS] for name in schema.feature_names}
    edges = edge_rows(schema, evaluation, columns_divided_by(pipeline))
    table = {name: [*chosen[name], *edges[name]] for name in schema.feature_names}
    rows = row_count(chosen)
    expected_labels, expected = _original(pipeline, table, schema, rows, is_classification=is_classification)
    outputs = run_in_batches(predictor, table)
    served = outputs[-1].reshape(expected.shape)
    precision = precision_of(pipeline, is_classification=is_classification)
    difference = relative_difference(served, expected, precision.smallest)
    worst = _worst_difference(difference, precision.relative_tolerance)
    if worst is not None:
        row, reason = worst
        hint = _hint(pipeline, pipeline_input(pipeline, _slice(table, row, row + 1), schema))
        raise ParityError(f"{reason} on row {row} ({_shown(table, row, rows)}){hint}")
    different = _rows_of_other_labels(outputs[0], expected_labels) if is_classification else 0
    if different:
        raise ParityError(f"ONNX and the pipeline choose another label on {different} of {len(served)} rows")
    return ParityReport(
        rows=rows,
        edge_rows=len(served) - rows,
        single_rows=_refuse_batch_dependence(predictor, table, served, precision),
        max_absolute_difference=float(np.abs(served - expected).max()),
        max_relative_difference=float(difference.max()),
        different_labels=different,
        relative_tolerance=precision.relative_tolerance,
        arithmetic=precision.arithmetic,
        smallest=precision.smallest,
    )


def _rows_of_other_labels(found: npt.NDArray[Any], expected: npt.NDArray[Any] | None) -> int:
    return int(np.asarray(found != expected).reshape(len(found), -1).any(axis=1).sum())


def relative_difference(
    found: npt.NDArray[np.float64], expected: npt.NDArray[np.float64], smallest: float = DOUBLE.smallest
) -> npt.NDArray[np.float64]:
    """Element by element: 0 where both are the same infinity, infinite where one is NaN."""
    with np.errstate(invalid="ignore"):
        difference = np.abs(found - expected) / np.maximum(np.abs(expected), smallest)
    difference[found == expected] = 0.0
    return np.nan_to_num(difference, nan=np.inf, posinf=np.inf)


def _original(
    pipeline: Any, table: Table, schema: Schema, evaluation_rows: int, *, is_classification: bool
) -> tuple[npt.NDArray[Any] | None, npt.NDArray[np.float64]]:
    try:
        return _predicted(pipeline, pipeline_input(pipeline, table, schema), is_classification=is_classification)
    except Exception as error:
        if not _is_its_own(error):
            raise
        row = _shown(table, _failing(pipeline, table, schema), evaluation_rows)
        raise ParityError(
            f"the pipeline itself fails on rows that the schema allows, such as {row}: {error}; set `minimum`, "
            f"`maximum` or `allowed` of the feature in model.toml, or impute in the pipeline{division_hint(pipeline)}"
        ) from error


def _shown(table: Table, row: int, evaluation_rows: int) -> str:
    """A row in words: an edge row is shown by the values that differ from the first, a row of the user is not."""
    if row < evaluation_rows:
        return "an evaluation row"
    changed = {name: column[row] for name, column in table.items() if column[row] != column[0]}
    return f"an edge row: the first row with {as_json(changed)[:MOST_CHARACTERS]}"


def _failing(pipeline: Any, table: Table, schema: Schema) -> int:
    """The first row on which the pipeline fails by itself, found by halves."""
    low, high = 0, row_count(table)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _fails(pipeline, _slice(table, low, middle), schema) else (middle, high)
    return low


def _fails(pipeline: Any, table: Table, schema: Schema) -> bool:
    try:
        pipeline.predict(pipeline_input(pipeline, table, schema))
    except Exception as error:
        if not _is_its_own(error):
            raise
        return True
    return False


def _is_its_own(error: Exception) -> bool:
    """True for an error by which a pipeline refuses rows.

    CategoricalNB raises IndexError for categories that training lacked, and boosters have errors of their own.
    """
    return isinstance(error, ValueError | TypeError | IndexError) or library_of(error) is not None


def _slice(table: Table, low: int, high: int) -> Table:
    return {name: column[low:high] for name, column in table.items()}


def _predicted(
    pipeline: Any, rows: Any, *, is_classification: bool
) -> tuple[npt.NDArray[Any] | None, npt.NDArray[np.float64]]:
    if not is_classification:
        return None, answers.predicted_values(pipeline, rows)
    return answers.labels(pipeline, rows), answers.scores(pipeline, rows)


def _hint(pipeline: Any, rows: Any) -> str:
    return neighbour_hint(pipeline) or tie_hint(pipeline, rows) or single_precision_hint(pipeline)


def _worst_difference(difference: npt.NDArray[np.float64], tolerance: float) -> tuple[int, str] | None:
    """The row that differs most, and the differences in words; None where all are within the tolerance."""
    by_row = difference.reshape(len(difference), -1).max(axis=1)
    bad = int((by_row > tolerance).sum())
    if not bad:
        return None
    worst = int(by_row.argmax())
    beyond = f"on {bad} of {len(by_row)} rows by more than {tolerance:g} relative, by {by_row[worst]:.2g}"
    return worst, f"ONNX and the pipeline differ {beyond}"


def _refuse_batch_dependence(
    predictor: GraphPredictor, table: Table, batch: npt.NDArray[np.float64], precision: Precision
) -> int:
    """The number of rows that were run alone; raises ParityError if one is predicted otherwise than in the batch."""
    # Spread over the batch, whose last rows are the edge rows.
    rows = np.linspace(0, len(batch) - 1, min(SINGLE_ROWS, len(batch)), dtype=int).tolist()
    for row in rows:
        single = predictor.run({name: [column[row]] for name, column in table.items()})[-1]
        difference = relative_difference(single.reshape(-1), batch[row].reshape(-1), precision.smallest)
        if difference.max() > precision.relative_tolerance:
            raise ParityError(f"row {row} alone is predicted as {single.tolist()}, in a batch as {batch[row].tolist()}")
    return len(rows)
