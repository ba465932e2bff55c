"""The proof that the ONNX graph answers as the pipeline does, through the code that will serve it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from functions.core.errors import ParityError
from functions.core.schema import Schema, Table
from functions.predictors.tabular import TabularPredictor
from model_export.edge_rows import edge_rows
from model_export.pipeline_input import pipeline_input

RELATIVE_TOLERANCE = 1e-9
ABSOLUTE_TOLERANCE = 1e-12
MAX_EVALUATION_ROWS = 20_000
SINGLE_ROWS = 16


@dataclass(frozen=True, slots=True)
class ParityReport:
    """What was compared and the largest differences; labels must all be equal."""

    rows: int
    edge_rows: int
    single_rows: int
    max_absolute_difference: float
    max_relative_difference: float
    different_labels: int
    relative_tolerance: float = RELATIVE_TOLERANCE


def prove_parity(
    pipeline: Any, predictor: TabularPredictor, schema: Schema, evaluation: Table, *, is_classification: bool
) -> ParityReport:
    """Compare on evaluation rows, edge rows, and row by row against the batch.

    Raises ParityError that shows the worst row.
    """
    chosen = {name: evaluation[name][:MAX_EVALUATION_ROWS] for name in schema.feature_names}
    edges = edge_rows(schema, evaluation)
    table = {name: [*chosen[name], *edges[name]] for name in schema.feature_names}
    expected_labels, expected = _original(pipeline, table, schema, is_classification=is_classification)
    outputs = predictor.run(table)
    found = outputs[-1].reshape(expected.shape)
    different = int((outputs[0] != expected_labels).sum()) if is_classification else 0
    _refuse_difference(expected, found, different, len(next(iter(chosen.values()))))
    _refuse_batch_dependence(predictor, table, found)
    difference = np.abs(found - expected)
    return ParityReport(
        rows=len(next(iter(chosen.values()))),
        edge_rows=len(next(iter(edges.values()))),
        single_rows=min(SINGLE_ROWS, len(found)),
        max_absolute_difference=float(difference.max()),
        max_relative_difference=float((difference / np.maximum(np.abs(expected), ABSOLUTE_TOLERANCE)).max()),
        different_labels=different,
    )


def _original(
    pipeline: Any, table: Table, schema: Schema, *, is_classification: bool
) -> tuple[npt.NDArray[Any] | None, npt.NDArray[np.float64]]:
    rows = pipeline_input(pipeline, table, schema)
    if not is_classification:
        return None, np.asarray(pipeline.predict(rows), dtype=np.float64).reshape(-1)
    index = {label: position for position, label in enumerate(pipeline.classes_.tolist())}
    labels = np.array([index[label] for label in pipeline.predict(rows).tolist()], dtype=np.int64)
    return labels, np.asarray(pipeline.predict_proba(rows), dtype=np.float64)


def _refuse_difference(
    expected: npt.NDArray[np.float64], found: npt.NDArray[np.float64], different: int, evaluation_rows: int
) -> None:
    close = np.isclose(found, expected, rtol=RELATIVE_TOLERANCE, atol=ABSOLUTE_TOLERANCE)
    if close.all() and not different:
        return
    if close.all():
        raise ParityError(f"ONNX and the pipeline choose another label on {different} of {len(found)} rows")
    bad = np.unique(np.argwhere(~close)[:, 0])
    worst = int(bad[0])
    kind = "an edge row: missing, unseen or extreme values" if worst >= evaluation_rows else "an evaluation row"
    raise ParityError(
        f"ONNX and the pipeline differ on {len(bad)} of {len(found)} rows by more than {RELATIVE_TOLERANCE:g}: "
        f"{found[worst].tolist()} instead of {expected[worst].tolist()} on row {worst} ({kind})"
    )


def _refuse_batch_dependence(predictor: TabularPredictor, table: Table, batch: npt.NDArray[np.float64]) -> None:
    step = max(1, len(batch) // SINGLE_ROWS)
    for row in range(0, len(batch), step):
        single = predictor.run({name: [column[row]] for name, column in table.items()})[-1]
        if not np.allclose(
            single.reshape(-1), batch[row].reshape(-1), rtol=RELATIVE_TOLERANCE, atol=ABSOLUTE_TOLERANCE
        ):
            raise ParityError(f"row {row} alone is predicted as {single.tolist()}, in a batch as {batch[row].tolist()}")
