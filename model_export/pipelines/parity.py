"""Proof that the ONNX graph predicts as the pipeline does, through the code that will serve it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from functions.core.errors import ParityError
from functions.core.schema import Schema, Table, row_count
from functions.predictors.by_task import GraphPredictor
from model_export.pipelines.convert import classes
from model_export.pipelines.edge_rows import edge_rows
from model_export.pipelines.pipeline_input import pipeline_input
from model_export.pipelines.single_precision import single_precision_hint
from model_export.pipelines.ties import tie_hint

RELATIVE_TOLERANCE = 1e-9
"""Sums of doubles in another order differ by some 1e-13; a float32 anywhere in the graph by 1e-7."""
SMALL = 1e-3
"""Differences from smaller values are relative to this: near 0 no rounding is small."""
MAX_EVALUATION_ROWS = 20_000
SINGLE_ROWS = 16


@dataclass(frozen=True, slots=True)
class ParityReport:
    """Rows compared and the largest differences; labels must all be equal.

    Relative differences are from the expected value, or from 0.001 where it is smaller.
    """

    rows: int
    edge_rows: int
    single_rows: int
    max_absolute_difference: float
    max_relative_difference: float
    different_labels: int
    relative_tolerance: float = RELATIVE_TOLERANCE


def prove_parity(
    pipeline: Any, predictor: GraphPredictor, schema: Schema, evaluation: Table, *, is_classification: bool
) -> ParityReport:
    """Compare on evaluation rows, edge rows, and row by row against the batch.

    Raises ParityError that shows the worst row.
    """
    chosen = {name: evaluation[name][:MAX_EVALUATION_ROWS] for name in schema.feature_names}
    edges = edge_rows(schema, evaluation)
    table = {name: [*chosen[name], *edges[name]] for name in schema.feature_names}
    expected_labels, expected = _original(pipeline, table, schema, is_classification=is_classification)
    outputs = predictor.run(table)
    served = outputs[-1].reshape(expected.shape)
    rows = row_count(chosen)
    difference = relative_difference(served, expected)
    _refuse_difference(difference, rows, lambda row: _hint(pipeline, _one(pipeline, table, schema, row)))
    different = int((outputs[0] != expected_labels).sum()) if is_classification else 0
    if different:
        raise ParityError(f"ONNX and the pipeline choose another label on {different} of {len(served)} rows")
    return ParityReport(
        rows=rows,
        edge_rows=len(served) - rows,
        single_rows=_refuse_batch_dependence(predictor, table, served),
        max_absolute_difference=float(np.abs(served - expected).max()),
        max_relative_difference=float(difference.max()),
        different_labels=different,
    )


def relative_difference(found: npt.NDArray[np.float64], expected: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Element by element: 0 where both are the same infinity, infinite where one is NaN."""
    with np.errstate(invalid="ignore"):
        difference = np.abs(found - expected) / np.maximum(np.abs(expected), SMALL)
    difference[found == expected] = 0.0
    return np.nan_to_num(difference, nan=np.inf, posinf=np.inf)


def _original(
    pipeline: Any, table: Table, schema: Schema, *, is_classification: bool
) -> tuple[npt.NDArray[Any] | None, npt.NDArray[np.float64]]:
    try:
        return _predicted(pipeline, pipeline_input(pipeline, table, schema), is_classification=is_classification)
    except ValueError as error:
        raise ParityError(
            f"the pipeline itself fails on rows that the schema allows, missing or unseen values among them: {error}"
        ) from error


def _predicted(
    pipeline: Any, rows: Any, *, is_classification: bool
) -> tuple[npt.NDArray[Any] | None, npt.NDArray[np.float64]]:
    if not is_classification:
        return None, np.asarray(pipeline.predict(rows), dtype=np.float64).reshape(-1)
    index = {label: position for position, label in enumerate(classes(pipeline))}
    labels = np.array([index[label] for label in pipeline.predict(rows).tolist()], dtype=np.int64)
    return labels, np.asarray(pipeline.predict_proba(rows), dtype=np.float64)


def _hint(pipeline: Any, rows: Any) -> str:
    return tie_hint(pipeline, rows) or single_precision_hint(pipeline)


def _one(pipeline: Any, table: Table, schema: Schema, row: int) -> Any:
    return pipeline_input(pipeline, {name: column[row : row + 1] for name, column in table.items()}, schema)


def _refuse_difference(difference: npt.NDArray[np.float64], evaluation_rows: int, hint: Callable[[int], str]) -> None:
    by_row = difference.reshape(len(difference), -1).max(axis=1)
    bad = int((by_row > RELATIVE_TOLERANCE).sum())
    if not bad:
        return
    worst = int(by_row.argmax())
    kind = "an edge row: missing, unseen or extreme values" if worst >= evaluation_rows else "an evaluation row"
    raise ParityError(
        f"ONNX and the pipeline differ on {bad} of {len(by_row)} rows by more than {RELATIVE_TOLERANCE:g} relative, "
        f"by {by_row[worst]:.2g} on row {worst} ({kind}){hint(worst)}"
    )


def _refuse_batch_dependence(predictor: GraphPredictor, table: Table, batch: npt.NDArray[np.float64]) -> int:
    """The number of rows that were run alone; raises ParityError if one is predicted otherwise than in the batch."""
    # Spread over the batch, whose last rows are the edge rows.
    rows = np.linspace(0, len(batch) - 1, min(SINGLE_ROWS, len(batch)), dtype=int).tolist()
    for row in rows:
        single = predictor.run({name: [column[row]] for name, column in table.items()})[-1]
        if relative_difference(single.reshape(-1), batch[row].reshape(-1)).max() > RELATIVE_TOLERANCE:
            raise ParityError(f"row {row} alone is predicted as {single.tolist()}, in a batch as {batch[row].tolist()}")
    return len(rows)
