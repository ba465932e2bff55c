"""despliegue new: a model folder from a table, and from your own pipeline if you have one."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from functions.core.definition import DecimalMark
from functions.core.errors import ConflictError, DefinitionError
from model_export.commands.options import add_models, add_registry, registry_of, require_other_rows, user_name
from model_export.commands.report import measured_line, progress_lines, proof_line
from model_export.commands.results import add_json, give
from model_export.draft.proposal import PROPOSALS

if TYPE_CHECKING:
    from model_export.draft.create import Created

TARGET_FUNCTIONS = ("log", "log1p", "sqrt")


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "new",
        help="write a model folder from a table, with or without your own pipeline",
        description="Write a model folder from a table: the task and the features are inferred, and a pipeline.py is "
        "proposed. With --pipeline, your own fitted pipeline is taken instead, and also published and put in "
        "production. Nothing is written unless the ONNX model gives the predictions of the pipeline.",
        examples=[
            "despliegue new flat-rents --data examples/flats.csv --target rent",
            "despliegue new rents --data rents.csv --target rent --pipeline model.joblib --evaluation test.csv",
            "despliegue new rents --data alquileres.csv --target precio --decimal ,",
        ],
        epilog="exit codes: 0 done; 1 an error, or your pipeline was not promoted; 2 wrong usage",
    )
    parser.add_argument("name", help="name of the new folder: lower-case letters, digits and hyphens")
    parser.add_argument(
        "--data", type=Path, required=True, metavar="FILE", help="the table: .csv, .json or .jsonl, also in gzip"
    )
    parser.add_argument(
        "--target",
        required=True,
        action="append",
        metavar="COLUMN",
        help="the column of the table to predict; repeat it for several targets, in the order of the columns that your "
        "pipeline was fitted on",
    )
    parser.add_argument(
        "--pipeline",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="your fitted pipeline, a joblib or pickle; loading it runs its code; repeat it for a pipeline in several "
        "files, what is in front of the model first",
    )
    parser.add_argument(
        "--evaluation",
        type=Path,
        metavar="FILE",
        help="labelled rows to measure on, which the pipeline was not fitted on",
    )
    parser.add_argument(
        "--code", type=Path, metavar="FILE", help="the Python file that defines the classes of your pipeline"
    )
    parser.add_argument(
        "--task", choices=PROPOSALS, help="kind of model (default: inferred from the target or the pipeline)"
    )
    parser.add_argument(
        "--rename",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="call the column OLD of the table NEW in the model; may be repeated",
    )
    parser.add_argument(
        "--rename-value",
        action="append",
        nargs=3,
        default=[],
        metavar=("COLUMN", "OLD", "NEW"),
        help="read the value OLD of a column of the model as NEW, as the pipeline knows it; may be repeated",
    )
    parser.add_argument(
        "--decimal",
        choices=get_args(DecimalMark),
        help="the mark in front of the decimals in the table, and in later files, where its cells leave it open: with "
        "',' 1.077 € is 1077 (default: as the cells show)",
    )
    parser.add_argument(
        "--columns",
        nargs="+",
        default=[],
        metavar="COLUMN",
        help="the columns in the order of a pipeline that was fitted without names (default: the table's order)",
    )
    parser.add_argument(
        "--target-was",
        choices=TARGET_FUNCTIONS,
        help="the function of the target that the pipeline was fitted on; its predictions are brought back",
    )
    parser.add_argument(
        "--force", action="store_true", help="put a pipeline in production that is no better than guessing"
    )
    parser.add_argument("--no-sample", action="store_true", help="write no sample.csv with rows of the table")
    add_models(parser)
    add_registry(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the folder, and publish the user's own pipeline if there is one; 1 if it is not promoted."""
    require_other_rows(options.evaluation, options.data)
    _refuse_another_production(options)  # before the import of the libraries, which takes seconds
    progress = progress_lines(options.name)
    progress("import", 0.0)
    from model_export.draft.create import NewModel, create

    wanted = NewModel(
        name=options.name,
        data=options.data,
        target=options.target,
        models=options.models,
        pipeline=options.pipeline,
        code=options.code,
        task=options.task,
        rename=_renames(options.rename),
        rename_values=_renamed_values(options.rename_value),
        columns=options.columns,
        target_was=options.target_was,
        evaluation=options.evaluation,
        with_sample=not options.no_sample,
        decimal=options.decimal,
    )
    # before the folder is there: a running server gives an added model a first version, unless one is claimed
    claimed: list[int] = []
    claim = partial(registry_of(options).claim, options.name)
    created = create(wanted, progress, lambda: claimed.append(claim()) if options.pipeline else None)
    definition = created.definition
    for note in created.notes:
        print(f"{definition.name}: {note}")
    print(f"{definition.name}: {proof_line(created.candidate.parity)}")
    print(f"{definition.name}: {measured_line(created.candidate.metrics, created.measured_on)}")
    names = sorted(path.name for path in definition.folder.iterdir())
    print(f"wrote {definition.folder}: {', '.join(names)}")
    result = {"model": definition.name, "folder": definition.folder, "files": names, "notes": created.notes}
    give(options, {**result, "metrics": created.candidate.metrics, "measured_on": asdict(created.measured_on)})
    if claimed and not _publish(created, options, claimed[0]):
        return 1
    print("next: despliegue serve (a running server sees the model by itself)")
    return 0


def _refuse_another_production(options: argparse.Namespace) -> None:
    """Raise ConflictError where a removed folder of this name left a version that would be served for the new one."""
    registry, name = registry_of(options), options.name
    production = registry.promotable(name).production
    if production is not None and not (options.models / name).exists():
        raise ConflictError(
            f"version {production.version} of another {name} is in production, though its folder is gone: "
            f"`despliegue remove {name} --apply` removes it, or choose another name"
        )


def _publish(created: Created, options: argparse.Namespace, claimed: int) -> bool:
    """Publish the user's own pipeline under the claimed number; returns True if it was promoted."""
    from model_export.publishing import publish_and_promote, published_reason

    objection = created.candidate.objection
    is_promoted = options.force or not objection
    version = publish_and_promote(
        registry_of(options),
        created.definition,
        created.candidate,
        actor=user_name(),
        measured_on=created.measured_on,
        is_promoted=is_promoted,
        reason=published_reason(objection, is_promoted=is_promoted),
        claimed=claimed,
    ).version
    options.result |= {"version": version, "promoted": is_promoted, "objection": objection or None}
    if is_promoted:
        forced = f", forced past: {objection}" if objection else ""
        print(f"version {version} is in production: your pipeline, unchanged{forced}")
    else:
        print(f"version {version} is kept and not promoted: {objection}")
    for cause in created.causes:
        print(f"likely cause: {cause}")
    if not is_promoted:
        if not created.causes:
            print("no likely cause was found: its scaler, its columns, its target and its levels suit the table")
        remedy = f"`despliegue remove {options.name} --apply` and run the command again"
        print(f"to mend it, {remedy}; --force puts it in production as it is")
    return is_promoted


def _renames(pairs: Sequence[str]) -> dict[str, str]:
    """The pairs OLD=NEW as {OLD: NEW}, divided at the last equals sign, so that OLD may have others."""
    renames: dict[str, str] = {}
    for pair in pairs:
        old, equals, new = pair.rpartition("=")
        if not equals or not old.strip() or not new.strip():
            raise DefinitionError(f"--rename {pair!r}: write OLD=NEW, the column's name in the table and the model's")
        renames[old] = new.strip()
    return renames


def _renamed_values(triples: Sequence[Sequence[str]]) -> dict[str, dict[str, str]]:
    renamed: dict[str, dict[str, str]] = {}
    for column, old, new in triples:
        renamed.setdefault(column, {})[old] = new
    return renamed
