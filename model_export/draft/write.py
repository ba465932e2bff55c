"""The files of a model folder: model.toml, examples.json, sample.csv, and a pipeline.py or a joblib."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import pickle
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from functions.core.definition import Definition, SavedPipeline
from functions.core.errors import ConversionError, DefinitionError
from functions.core.model_folder import EXAMPLES, SAMPLE, load_definition
from functions.core.schema import Value, written
from functions.core.spelling import column_name
from model_export.draft.infer import Draft
from model_export.draft.model_toml import model_toml
from model_export.draft.proposal import PROPOSALS
from model_export.pipelines.requirements import requirements_of
from model_export.training_files.sheet import Cells

ESTIMATOR = "estimator.joblib"
SAMPLE_ROWS = 5000
EXAMPLE_ROWS = 3


def write_proposal(folder: Path, draft: Draft) -> None:
    """Write the proposed pipeline.py of a model without a pipeline of its own."""
    (folder / "pipeline.py").write_text(
        PROPOSALS[draft.task].code(draft.name, draft.schema, draft.texts), encoding="utf-8", newline="\n"
    )


def write_pipeline(folder: Path, pipeline: Any, code: tuple[str, ...]) -> SavedPipeline:
    """Write the user's unfitted pipeline; `code` names the files of the folder that define its classes.

    Raises ConversionError for a pipeline that only cloudpickle can write.
    """
    buffer = io.BytesIO()
    try:
        # The digest in model.toml stops retraining from loading another file, whose code would run.
        joblib.dump(pipeline, buffer, compress=3)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise ConversionError(
            f"the pipeline holds a function or class that was written in a notebook or as a lambda ({error}), and its "
            "unfitted copy for retraining cannot keep that; use a function of numpy, or define it in a file and pass "
            "that with --code"
        ) from error
    (folder / ESTIMATOR).write_bytes(buffer.getvalue())
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    return SavedPipeline(ESTIMATOR, digest, code, requirements_of(pipeline))


def write_definition(proven: Definition, draft: Draft, *, source: str) -> Definition:
    """Write model.toml and examples.json; `source` is the name of the table's file.

    Returns the definition as serving and retraining read it, with its digest. Raises DefinitionError if it differs
    from the definition that was proven.
    """
    folder = proven.folder
    (folder / "model.toml").write_text(model_toml(proven, draft, source=source), encoding="utf-8", newline="\n")
    examples = json.dumps(proven.examples, ensure_ascii=False, indent=2)
    (folder / EXAMPLES).write_text(f"{examples}\n", encoding="utf-8", newline="\n")
    loaded = load_definition(folder)
    before, after = _content(proven), _content(loaded)
    changed = [name for name in before if before[name] != after[name]]
    if changed:
        name = changed[0]
        raise DefinitionError(
            f"{name} in {folder / 'model.toml'} reads back as {after[name]}, and {before[name]} was proven; "
            "please report this"
        )
    return loaded


def _content(definition: Definition) -> dict[str, str]:
    """Everything but the digest of the files, as JSON, in which a tuple and a list are the same."""
    return {name: json.dumps(value, default=str) for name, value in asdict(replace(definition, digest="")).items()}


def write_sample(folder: Path, draft: Draft, cells: Cells) -> None:
    """Write evenly spaced rows of the table, in its order, with the columns that the model reads.

    Cells keep their spelling, but for numbers without a declared decimal mark: how a file's are read depends on its
    separator and on all of its cells, and the sample has a separator and cells of its own.
    """
    used = {*draft.columns, draft.schema.id, *(part for parts in draft.files.join.values() for part in parts)}
    names = [name for name in cells if column_name(name, draft.files) in used]
    rows = np.linspace(0, draft.rows - 1, min(draft.rows, SAMPLE_ROWS), dtype=int)
    columns = [_sample_column(name, draft, cells) for name in names]
    lines = [names, *([_cell(column[row]) for column in columns] for row in rows)]
    (folder / SAMPLE).write_text(_csv(lines), encoding="utf-8", newline="")


def _sample_column(name: str, draft: Draft, cells: Cells) -> Sequence[Any]:
    """The cells of a column, with numbers as the draft read them where their spelling could be read otherwise."""
    own = column_name(name, draft.files)
    types = {one.name: one.type for one in draft.schema.labelled}
    is_number = types.get(own) in ("integer", "number") and draft.columns[own].type in ("integer", "number")
    # renamed values are looked up by the spelling that the table has
    if draft.files.decimal is not None or not is_number or draft.files.rename_values.get(own):
        return cells[name]
    return [None if value is None else written(value) for value in draft.columns[own].values]


def _cell(value: Any) -> Any:
    return "" if value is None else value


def _csv(lines: Sequence[Sequence[Any]]) -> str:
    # The writer quotes a carriage return only if lines end in one, and readers take it for the end of a line.
    has_returns = any("\r" in cell for line in lines for cell in line if isinstance(cell, str))
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL if has_returns else csv.QUOTE_MINIMAL).writerows(lines)
    return text.getvalue()


def examples_of(draft: Draft) -> list[dict[str, Value]]:
    """Three rows of the table in the form of requests to predict, a complete one first if there is one."""
    columns = [draft.columns[name] for name in draft.schema.feature_names]
    holes = np.array([[value is None for value in column.values] for column in columns]).sum(axis=0)
    complete = int(np.argmin(holes))
    spread = [int(row) for row in np.linspace(0, draft.rows - 1, EXAMPLE_ROWS + 1)]
    rows = list(dict.fromkeys([complete, *spread]))[:EXAMPLE_ROWS]
    return [{**_identity(draft, row), **_instance(draft, row)} for row in rows]


def _identity(draft: Draft, row: int) -> dict[str, Value]:
    return {draft.identity.name: draft.identity.values[row]} if draft.identity else {}


def _instance(draft: Draft, row: int) -> dict[str, Value]:
    instance: dict[str, Value] = {}
    for feature in draft.schema.features:
        value = draft.columns[feature.name].values[row]
        if value is None:
            value = draft.files.fill.get(feature.name)
        instance[feature.name] = int(value) if isinstance(value, float) and value.is_integer() else value
    return instance
