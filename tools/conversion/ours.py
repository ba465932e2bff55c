"""A configuration through `despliegue new`, as its user would bring it."""

from __future__ import annotations

import io
import pickle
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import cloudpickle
import joblib
import numpy as np
import pandas as pd

from functions.core.errors import DespliegueError, InvalidInputError
from functions.core.schema import Schema, Table
from functions.core.validator import Validator
from functions.predictors.by_task import open_graph_predictor
from model_export.draft.create import Created, NewModel, create
from model_export.pipelines.precision import precision_of
from tools.conversion.configuration import Configuration, side_by_side
from tools.conversion.original import answered, answers
from tools.conversion.outcome import Answers, Outcome, compared
from tools.conversion.rows import hostile
from tools.conversion.tables import TARGET, Sample
from tools.conversion.ties import at_ties


def convert(configuration: Configuration, rows: Sample, predictor: Any) -> Outcome:
    """The outcome of bringing the predictor and its table, and of asking what was published."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            created = create(_brought(configuration, rows, predictor, Path(folder)), lambda step, done: None)
        except DespliegueError as error:
            return Outcome("refused", str(error))
        except Exception as error:
            return Outcome("fails", f"{type(error).__name__}: {error}")
    return _asked(configuration, rows, predictor, created)


def _brought(configuration: Configuration, rows: Sample, predictor: Any, folder: Path) -> NewModel:
    table = folder / "table.csv"
    targets = [TARGET, *(f"{TARGET}_{place}" for place in range(1, configuration.targets))]
    values = side_by_side(rows.training_target, len(targets)).T if len(targets) > 1 else [rows.training_target]
    rows.training.assign(**dict(zip(targets, values, strict=True))).to_csv(table, index=False)
    saved = folder / "model.joblib"
    saved.write_bytes(_dumped(configuration.saved(predictor)))
    code = None
    if configuration.code is not None:
        code = folder / "transformers.py"
        code.write_text(configuration.code, "utf-8")
    return NewModel("m", table, targets, folder / "models", [saved], code)


def _dumped(saved: Any) -> bytes:
    buffer = io.BytesIO()
    try:
        joblib.dump(saved, buffer)
    except (pickle.PicklingError, AttributeError):
        return bytes(cloudpickle.dumps(saved))
    return buffer.getvalue()


def _asked(configuration: Configuration, rows: Sample, predictor: Any, created: Created) -> Outcome:
    candidate = created.candidate
    served = open_graph_predictor(created.definition.task, candidate.files, candidate.schema, candidate.labels)
    frame = pd.concat([rows.held_out, hostile(rows.training)], ignore_index=True)
    frame = answered(configuration, predictor, _allowed(frame, candidate.schema))
    outputs = served.run(_table(frame, candidate.schema))
    # What is not finite is refused with 422 and not answered.
    finite = np.isfinite(outputs[-1].reshape(len(frame), -1)).all(axis=1)
    tied = at_ties(predictor, configuration.rows(frame))
    kept = finite & ~tied
    found = Answers(outputs[-1][kept], outputs[0][kept] if candidate.labels else None)
    precision = precision_of(predictor, is_classification=configuration.is_classification)
    outcome = compared(answers(configuration, predictor, frame[kept]), found, precision)
    left_out = {"refused": int((~finite).sum()), "at ties of neighbours": int(tied.sum())}
    told = "".join(f", {count} rows {why}" for why, count in left_out.items() if count)
    return replace(outcome, detail=outcome.detail + told)


def _allowed(frame: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """The rows that the schema lets through."""
    while len(frame):
        try:
            _table(frame, schema)
        except InvalidInputError as error:
            bad = sorted({int(fault.loc[0]) for fault in error.faults})
            frame = frame.drop(index=frame.index[bad]).reset_index(drop=True)
            continue
        break
    return frame


def _table(frame: pd.DataFrame, schema: Schema) -> Table:
    columns = {name: frame[name] for name in schema.feature_names}
    values = {name: _sent(column, schema) for name, column in columns.items()}
    return Validator(schema).table([dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)])


def _sent(column: pd.Series[Any], schema: Schema) -> list[Any]:
    """Values as JSON has them: null for missing, whole numbers where the schema wants them."""
    types: Mapping[str, str] = {feature.name: feature.type for feature in schema.features}
    kind = types[str(column.name)]
    return [None if value is None or value != value else _typed(value, kind) for value in column.tolist()]


def _typed(value: Any, kind: str) -> Any:
    if kind == "integer" and (isinstance(value, bool) or float(value).is_integer()):
        return int(value)
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    return float(value) if kind == "number" else value
