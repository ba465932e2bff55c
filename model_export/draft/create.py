"""Creation of a model folder from a table, and the user's own pipeline if there is one; proven before it is kept."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from functions.core.definition import MODEL_NAME, DecimalMark, Definition, Gate, SavedPipeline
from functions.core.errors import DefinitionError, DiskError
from functions.core.files import given_size, read_given
from functions.core.machine_memory import trainer_memory_bytes
from functions.core.measured_on import MeasuredOn
from functions.core.near_names import composed
from functions.core.schema import Table, row_count
from functions.core.tasks import Task
from functions.core.training_memory import most_training_bytes, require_fitting
from model_export.draft.causes import Cause, likely_causes
from model_export.draft.columns import MISSING_TEXTS
from model_export.draft.estimator import Facts, facts_of, unfitted
from model_export.draft.foreign_steps import refuse_foreign_steps
from model_export.draft.gate_floors import compared, half_way, sound
from model_export.draft.infer import Draft, infer
from model_export.draft.labels import name_labels, needs_names
from model_export.draft.mapped_text import refuse_mapped_text
from model_export.draft.probing import probed
from model_export.draft.proposal import PROPOSALS
from model_export.draft.several_targets import refuse_other_order
from model_export.draft.spelling import names_in_models
from model_export.draft.spread import spread
from model_export.draft.target_function import TargetFunction, undone
from model_export.draft.write import (
    SAMPLE_ROWS,
    examples_of,
    write_definition,
    write_pipeline,
    write_proposal,
    write_sample,
)
from model_export.pipelines.candidate import PipelineCandidate, fit_candidate, prove_pipeline
from model_export.pipelines.known_levels import with_known_levels
from model_export.pipelines.pipeline_input import pipeline_input
from model_export.pipelines.pipeline_module import build_pipeline, load_module
from model_export.pipelines.user_joblib import load_pipeline
from model_export.progress import Progress
from model_export.split import split_rows, take_rows
from model_export.training_files.rows import read_rows, read_sheet, rows_of, whole_columns
from model_export.training_files.sheet import Cells, Sheet
from model_export.training_files.unlabelled import labelled_only


@dataclass(frozen=True, slots=True)
class NewModel:
    """The options of the user.

    `pipeline` are the files of a fitted pipeline, `code` defines their classes. `rename` maps names of the table to
    others, `rename_values` values of the model's columns. `columns` is the order of a pipeline over columns without
    names, `target_was` the function of the target that it was fitted on. `evaluation` are rows to measure it on.
    Several columns as `target` are predicted together. `decimal` is the mark in front of the decimals of the table.
    """

    name: str
    data: Path
    target: str | Sequence[str]
    models: Path
    pipeline: Sequence[Path] = ()
    code: Path | None = None
    task: Task | None = None
    rename: Mapping[str, str] = field(default_factory=dict)
    rename_values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    columns: Sequence[str] = ()
    target_was: TargetFunction | None = None
    evaluation: Path | None = None
    with_sample: bool = True
    decimal: DecimalMark | None = None

    @property
    def targets(self) -> Sequence[str]:
        return [self.target] if isinstance(self.target, str) else self.target


@dataclass(frozen=True, slots=True)
class Created:
    """The definition of the folder, and the proven fit: the user's pipeline, or a first fit of the proposal.

    `measured_on` are the rows behind its metrics. `causes` are changes that would mend a pipeline of the user's that is
    wrong on the rows.
    """

    definition: Definition
    candidate: PipelineCandidate
    draft: Draft
    notes: tuple[str, ...]
    measured_on: MeasuredOn
    causes: tuple[Cause, ...] = ()


def create(wanted: NewModel, progress: Progress, on_proven: Callable[[], object] = lambda: None) -> Created:
    """Write the folder models/<name>, complete or not at all.

    `on_proven` is called just before the folder is there, where a running server sees it.
    Raises DefinitionError, InvalidInputError (the table), ConversionError, ParityError, DiskError.
    """
    final = wanted.models / wanted.name
    _refuse_bad_options(wanted)
    _refuse_existing(final)
    most_bytes = most_training_bytes(trainer_memory_bytes())
    require_fitting(given_size(wanted.data), most_bytes, str(wanted.data))
    sheet = _labelled(wanted, read_sheet(read_given(wanted.data), wanted.data.name, most_bytes))
    cells = whole_columns(sheet)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / wanted.name
        folder.mkdir()
        progress("infer", 0.0)
        make = _brought if wanted.pipeline else _proposed
        made = make(folder, wanted, sheet, cells, progress)
        written = write_definition(made.definition, made.draft, source=wanted.data.name)
        if wanted.with_sample:
            write_sample(folder, made.draft, cells)
        on_proven()
        _move(folder, final)
    notes = (*sheet.notes, *made.draft.notes, *made.notes, _sample_note(made.draft, with_sample=wanted.with_sample))
    return replace(made, definition=replace(written, folder=final), notes=notes)


def _proposed(folder: Path, wanted: NewModel, sheet: Sheet, cells: Cells, progress: Progress) -> Created:
    """Fit the proposal on rows from all over the table; its metrics there set the floors of the gate."""
    draft = _inferred(wanted, cells, None, is_text=sheet.is_text)
    write_proposal(folder, draft)
    args = PROPOSALS[draft.task].args(draft.rows)
    definition = draft.definition(folder, examples=examples_of(draft), args=args, gate=Gate(), pipeline=SavedPipeline())
    table = spread(rows_of(sheet, definition).table)
    training, evaluation = table, _evaluation(wanted, definition)
    if evaluation is None:
        places = split_rows(table, definition.schema, definition.split)
        training, evaluation = (take_rows(table, rows) for rows in places)
    candidate = fit_candidate(definition, training, evaluation, progress)
    rows = row_count(evaluation)
    gate = Gate(floors=half_way(candidate.metrics, rows), compare=compared(candidate.metrics, rows))
    notes, measured_on = _warning(candidate.objection), MeasuredOn(rows)
    return Created(replace(definition, gate=gate), candidate, draft, notes, measured_on)


def _warning(objection: str) -> tuple[str, ...]:
    """A proposal that is no better than guessing is kept: a few rows show too little, and its code can be mended."""
    if not objection:
        return ()
    return (f"the proposed pipeline is {objection}: before it serves, change pipeline.py, or train it on more rows",)


def _brought(folder: Path, wanted: NewModel, sheet: Sheet, cells: Cells, progress: Progress) -> Created:
    """Prove the user's own fitted pipeline on the rows of the table."""
    assembled = load_pipeline(wanted.pipeline, _code(folder, wanted.code))
    if wanted.target_was:
        assembled = replace(assembled, pipeline=undone(assembled.pipeline, wanted.target_was))
    pipeline = assembled.pipeline
    refuse_foreign_steps(pipeline)
    refuse_other_order(wanted.targets, assembled.target_names)
    facts = facts_of(pipeline, names_in_models(cells, wanted.rename))
    if columns := wanted.columns or assembled.columns:
        facts = facts.with_columns(columns)
    draft = _inferred(wanted, cells, facts, is_text=sheet.is_text)
    saved = write_pipeline(folder, unfitted(pipeline), (wanted.code.name,) if wanted.code else ())
    gate = Gate(floors=sound(draft.task, draft.rows))
    definition = draft.definition(folder, examples=examples_of(draft), args={}, gate=gate, pipeline=saved)
    table = rows_of(sheet, definition).table
    refuse_mapped_text(pipeline, definition.schema, spread(table), facts.kinds)
    imputed = definition.schema.feature_names if facts.imputes_all else facts.imputed
    schema, probes = probed(pipeline, definition.schema, table, imputed)
    draft, definition = replace(draft, schema=schema), replace(definition, schema=schema)
    names = _with_names(pipeline, facts.labels, definition, table, assembled.label_names)
    notes = [*assembled.notes, *probes, *names]
    schema = with_known_levels(definition.schema.learn(table), pipeline)
    evaluation = _evaluation(wanted, definition)
    measured_on = MeasuredOn(row_count(evaluation or table), in_sample=evaluation is None)
    candidate = prove_pipeline(definition, pipeline, schema, evaluation or table, progress, proof=table)
    causes = likely_causes(assembled, schema, spread(table), is_classification=definition.is_classification)
    build_pipeline(definition, definition.args)  # the first step of retraining, which imports the user's code again
    # a retrain is measured on the share that the split sets aside
    set_aside = round(draft.rows * definition.split.test_size)
    definition = replace(definition, gate=replace(gate, compare=compared(candidate.metrics, set_aside)))
    return Created(definition, candidate, draft, tuple(notes), measured_on, tuple(causes))


def _labelled(wanted: NewModel, sheet: Sheet) -> Sheet:
    """The sheet without rows that lack a target, for each target of which it has one column."""
    names = [wanted.rename.get(name.strip(), name.strip()) for name in sheet.header]
    for target in wanted.targets:
        found = [
            column for name, column in zip(names, sheet.columns, strict=True) if composed(name) == composed(target)
        ]
        sheet = labelled_only(sheet, found[0], target, MISSING_TEXTS) if len(found) == 1 else sheet
    return sheet


def _inferred(wanted: NewModel, cells: Cells, facts: Facts | None, *, is_text: bool) -> Draft:
    return infer(
        wanted.name,
        cells,
        target=wanted.target,
        task=wanted.task,
        facts=facts,
        rename=wanted.rename,
        rename_values=wanted.rename_values,
        decimal=wanted.decimal,
        is_text=is_text,
    )


def _evaluation(wanted: NewModel, definition: Definition) -> Table | None:
    """The rows of the file to measure on, None without one; raises InvalidInputError."""
    path = wanted.evaluation
    return None if path is None else read_rows(read_given(path), path.name, definition).table


def _with_names(
    pipeline: Any, labels: Sequence[Any], definition: Definition, table: Table, known: tuple[str, ...]
) -> list[str]:
    """Give the numbered classes of a pipeline their names in the table; a note has the names and their accuracy.

    `known` are their names in the order of the numbers, if the file has them.
    """
    # prove_pipeline refuses labels of other names, where they are those of members
    if definition.schema.has_several_targets or (labels and np.ndim(pipeline.classes_) > 1):
        return []
    (target,) = definition.schema.targets
    if not needs_names(labels, target.allowed):
        unused = f"the names {', '.join(known)} are not used: {target.name} of the table has other classes"
        return [unused] if known else []
    rows = spread(table)
    prepared = pipeline_input(pipeline, rows, definition.schema)
    naming = name_labels(pipeline, prepared, list(map(str, rows[target.name])), known)
    pairs = ", ".join(f"{label} as {name}" for label, name in zip(labels, naming.names, strict=True))
    return [f"the pipeline's labels are served by name, {pairs}: with these its accuracy is {naming.agreement:.0%}"]


def _code(folder: Path, code: Path | None) -> ModuleType | None:
    if code is None:
        return None
    (folder / code.name).write_bytes(read_given(code))
    return load_module(folder / code.name)


def _move(folder: Path, final: Path) -> None:
    """Move the folder to its place by a rename, so that it never exists in part; raises DefinitionError, DiskError."""
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        # The folder may be on another disk, from which it cannot be renamed, so it is copied next to its place first.
        with tempfile.TemporaryDirectory(prefix=".new-", dir=final.parent) as near:
            copied = shutil.copytree(folder, Path(near) / final.name, ignore=shutil.ignore_patterns("__pycache__"))
            _refuse_existing(final)  # another command may have made it meanwhile, and a rename replaces an empty folder
            copied.rename(final)
    except OSError as error:
        _refuse_existing(final)
        raise DiskError(error.filename or final, error) from error


def _refuse_existing(final: Path) -> None:
    if final.exists():
        raise DefinitionError(
            f"{final} exists already: choose another name, or remove it first: `despliegue remove {final.name} --apply`"
        )


def _sample_note(draft: Draft, *, with_sample: bool) -> str:
    if not with_sample:
        return "examples.json holds three of your rows; replace them if they must not be in the folder"
    kept = min(draft.rows, SAMPLE_ROWS)
    return f"sample.csv holds {kept} of your rows, to train on where nothing is in production (--no-sample: none)"


def _refuse_bad_options(wanted: NewModel) -> None:
    if not MODEL_NAME.fullmatch(wanted.name):
        raise DefinitionError(
            f"{wanted.name!r} cannot name a model: use at most 40 lower-case letters, digits and hyphens"
        )
    if wanted.code is not None and not wanted.pipeline:
        raise DefinitionError("--code defines the classes of a --pipeline: pass --pipeline too, or leave out --code")
    if wanted.code is not None and wanted.code.suffix != ".py":
        raise DefinitionError(f"--code {wanted.code} is not a Python file: its name should end in .py")
