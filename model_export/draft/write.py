"""The files of a model folder: model.toml, examples.json, sample.csv, and what trains."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from functions.core.definition import Gate, SavedPipeline
from functions.core.schema import Value
from model_export.draft.infer import Draft
from model_export.draft.model_toml import model_toml
from model_export.draft.proposal import propose, proposed_args

Cells = Mapping[str, Sequence[Any]]
ESTIMATOR = "estimator.joblib"
SAMPLE = "sample.csv"
SAMPLE_ROWS = 5000
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Own:
    """The user's pipeline, unfitted, and the files that define its classes."""

    pipeline: Any
    code: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The user's table as it stands in the file `name`, whose content is `body`."""

    name: str
    body: bytes = field(repr=False)
    cells: Cells = field(repr=False)


def write_folder(folder: Path, draft: Draft, sheet: Sheet, *, own: Own | None, gate: Gate, with_sample: bool) -> None:
    """Write the folder, which exists and has its model's name."""
    saved = SavedPipeline()
    if own is not None:
        saved = _save(folder, own)
    else:
        (folder / "pipeline.py").write_text(propose(draft.name, draft.task, draft.schema), encoding="utf-8")
    args = {} if own else proposed_args(draft.task, draft.rows)
    document = model_toml(draft, source=sheet.name, args=args, gate=gate, saved=saved)
    (folder / "model.toml").write_text(document, encoding="utf-8")
    examples = json.dumps(_examples(draft), ensure_ascii=False, indent=2)
    (folder / "examples.json").write_text(f"{examples}\n", encoding="utf-8")
    if with_sample:
        (folder / SAMPLE).write_text(_sample(draft, sheet), encoding="utf-8", newline="")


def rewrite_document(folder: Path, draft: Draft, sheet: Sheet, *, gate: Gate) -> None:
    """The model.toml of a proposal once more, with a gate that was measured."""
    args = proposed_args(draft.task, draft.rows)
    document = model_toml(draft, source=sheet.name, args=args, gate=gate, saved=SavedPipeline())
    (folder / "model.toml").write_text(document, encoding="utf-8")


def _save(folder: Path, own: Own) -> SavedPipeline:
    for path in own.code:
        shutil.copyfile(path, folder / path.name)
    buffer = io.BytesIO()
    joblib.dump(own.pipeline, buffer, compress=3)
    (folder / ESTIMATOR).write_bytes(buffer.getvalue())
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    return SavedPipeline(ESTIMATOR, digest, tuple(path.name for path in own.code))


def _examples(draft: Draft) -> list[dict[str, Value]]:
    """Rows of the table, a complete one first if there is one."""
    columns = [draft.columns[name] for name in draft.schema.feature_names]
    holes = np.array([[value is None for value in column.values] for column in columns]).sum(axis=0)
    complete = int(np.argmin(holes))
    spread = [int(row) for row in np.linspace(0, draft.rows - 1, EXAMPLES + 1)]
    rows = list(dict.fromkeys([complete, *spread]))[:EXAMPLES]
    return [{**_identity(draft, row), **_instance(draft, row)} for row in rows]


def _identity(draft: Draft, row: int) -> dict[str, Value]:
    return {draft.identity.name: draft.identity.values[row]} if draft.identity else {}


def _instance(draft: Draft, row: int) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for feature in draft.schema.features:
        value = draft.columns[feature.name].values[row]
        if value is None:
            value = draft.files.fill.get(feature.name)
        found[feature.name] = int(value) if isinstance(value, float) and value.is_integer() else value
    return found


def _sample(draft: Draft, sheet: Sheet) -> str:
    """Rows from all over the table, in its order and spelling; columns that the model does not read are left out."""
    used = {*draft.columns, draft.schema.id, *(part for parts in draft.files.join.values() for part in parts)}
    names = [name for name in sheet.cells if _column(name, draft) in used]
    rows = np.linspace(0, draft.rows - 1, min(draft.rows, SAMPLE_ROWS), dtype=int)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(sheet.cells[name][row]) for name in names] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    return "" if value is None else value


def _column(name: str, draft: Draft) -> str:
    return name.strip().lower().replace(" ", "_") if draft.files.snake_case_columns else name.strip()
