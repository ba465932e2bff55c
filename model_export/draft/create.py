"""From a table, and a pipeline if there is one, to a model folder that has been proven."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from functions.core.definition import MODEL_NAME, Definition, Gate
from functions.core.errors import DefinitionError, Fault, InvalidInputError
from functions.core.model_folder import load_definition
from functions.core.schema import Table
from functions.core.tasks import Task
from model_export.draft.estimator import facts_of, unfitted
from model_export.draft.gate_floors import half_way, sound
from model_export.draft.infer import Draft, infer
from model_export.draft.labels import name_labels, needs_names
from model_export.draft.write import SAMPLE_ROWS, Own, Sheet, rewrite_document, write_folder
from model_export.pipelines.candidate import Candidate, Progress, fit_candidate, prove_candidate
from model_export.pipelines.pipeline_input import pipeline_input
from model_export.pipelines.pipeline_module import build_pipeline, load_module
from model_export.pipelines.user_joblib import load_estimator
from model_export.split import split_rows, take_rows
from model_export.training_files.rows import read_cells, read_rows


@dataclass(frozen=True, slots=True)
class Order:
    """What a user asked for; `code` defines the classes of `pipeline`, a joblib or pickle."""

    name: str
    data: Path
    target: str
    models: Path
    pipeline: Path | None = None
    code: Path | None = None
    task: Task | None = None
    with_sample: bool = True


@dataclass(frozen=True, slots=True)
class Created:
    """The folder's definition, and what was proven: the user's own fitted pipeline, or a first fit of the proposal."""

    definition: Definition
    candidate: Candidate
    draft: Draft
    notes: tuple[str, ...]


def create(order: Order, progress: Progress) -> Created:
    """Write models/<name>, complete or not at all.

    Raises DefinitionError, InvalidInputError (the table), ConversionError, ParityError.
    """
    final = order.models / order.name
    _refuse_bad_order(order, final)
    body = _read(order.data)
    read = read_cells(body, order.data.name)
    cells = read.columns
    sheet = Sheet(order.data.name, body, cells)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / order.name
        folder.mkdir()
        progress("infer", 0.0)
        if order.pipeline is None:
            draft = infer(order.name, cells, target=order.target, task=order.task)
            candidate, notes = _proposed(folder, order, draft, sheet, progress)
        else:
            draft, candidate, notes = _brought(folder, order, order.pipeline, sheet, progress)
        order.models.mkdir(parents=True, exist_ok=True)
        shutil.copytree(folder, final, ignore=shutil.ignore_patterns("__pycache__"))
    return Created(load_definition(final), candidate, draft, (*read.notes, *draft.notes, *notes))


def _proposed(
    folder: Path, order: Order, draft: Draft, sheet: Sheet, progress: Progress
) -> tuple[Candidate, Sequence[str]]:
    """Fit on rows from all over the table; what it reached there sets the gate."""
    write_folder(folder, draft, sheet, own=None, gate=Gate(), with_sample=order.with_sample)
    definition = load_definition(folder)
    table = _spread(_table(sheet, definition))
    training, evaluation = split_rows(table, definition.schema, definition.split)
    candidate = fit_candidate(definition, take_rows(table, training), take_rows(table, evaluation), progress)
    gate = Gate(floors=half_way(candidate.metrics, len(evaluation)))
    rewrite_document(folder, draft, sheet, gate=gate)
    return candidate, _sample_note(draft, with_sample=order.with_sample)


def _brought(
    folder: Path, order: Order, path: Path, sheet: Sheet, progress: Progress
) -> tuple[Draft, Candidate, Sequence[str]]:
    """The user's own pipeline, proven on the rows of the table."""
    pipeline = load_estimator(path, _code(folder, order.code))
    facts = facts_of(pipeline)
    draft = infer(order.name, sheet.cells, target=order.target, task=order.task, facts=facts)
    own = Own(unfitted(pipeline), (order.code,) if order.code else ())
    gate = Gate(floors=sound(draft.task, draft.rows))
    write_folder(folder, draft, sheet, own=own, gate=gate, with_sample=order.with_sample)
    definition = load_definition(folder)
    table = _table(sheet, definition)
    notes = _with_names(pipeline, facts.labels, definition, table)
    schema = definition.schema.learn(table)
    candidate = prove_candidate(definition, pipeline, schema, table, progress)
    build_pipeline(definition, definition.args)  # what retraining does first; it imports the code anew
    return draft, candidate, [*notes, *_sample_note(draft, with_sample=order.with_sample)]


def _with_names(pipeline: Any, labels: Sequence[Any], definition: Definition, table: Table) -> list[str]:
    target = definition.schema.target
    if not needs_names(labels, target.allowed):
        return []
    rows = _spread(table)
    naming = name_labels(pipeline, pipeline_input(pipeline, rows, definition.schema), list(map(str, rows[target.name])))
    pairs = ", ".join(f"{label} as {name}" for label, name in zip(labels, naming.names, strict=True))
    return [f"the pipeline's labels are served under their names, {pairs}: so it is right on {naming.agreement:.0%}"]


def _code(folder: Path, code: Path | None) -> ModuleType | None:
    if code is None:
        return None
    (folder / code.name).write_bytes(_read(code))
    return load_module(folder / code.name)


def _table(sheet: Sheet, definition: Definition) -> Table:
    return read_rows(sheet.body, sheet.name, definition).table


def _spread(table: Table) -> Table:
    """At most as many rows as a sample has, from all over the table."""
    rows = len(next(iter(table.values())))
    step = max(1, -(-rows // SAMPLE_ROWS))
    return {name: column[::step] for name, column in table.items()}


def _sample_note(draft: Draft, *, with_sample: bool) -> list[str]:
    if not with_sample:
        return ["examples.json holds three of your rows; invent others if they must not be in the folder"]
    kept = min(draft.rows, SAMPLE_ROWS)
    return [f"sample.csv holds {kept} of your rows, to train on where nothing is in production (--no-sample: none)"]


def _refuse_bad_order(order: Order, final: Path) -> None:
    if not MODEL_NAME.fullmatch(order.name):
        raise DefinitionError(
            f"{order.name!r} is no name of a model: it has at most 40 lower-case letters, digits and hyphens"
        )
    if final.exists():
        raise DefinitionError(f"{final} is there already: choose another name, or remove it first")
    if order.code is not None and order.pipeline is None:
        raise DefinitionError("--code defines the classes of a --pipeline, and there is none")
    if order.code is not None and order.code.suffix != ".py":
        raise DefinitionError(f"{order.code} is no Python file")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInputError([Fault((str(path),), f"cannot be read: {error.strerror}", "unreadable")]) from None
