"""despliegue new: a model folder from a table, and from your own pipeline if you have one."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from functions.core.errors import DefinitionError
from model_export.commands.options import add_models, add_registry, registry_of, user_name
from model_export.commands.report import metrics_line, progress_lines, proof_line
from model_export.draft.proposal import PROPOSALS


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "new",
        help="write a model folder from a table, with or without your own pipeline",
        description="Write a model folder from a table: the task and the features are inferred, and a pipeline.py is "
        "proposed. With --pipeline, your own fitted pipeline is taken instead, and also published and put in "
        "production. Nothing is written unless the ONNX model gives the predictions of the pipeline.",
    )
    parser.add_argument("name", help="name of the new folder: lower-case letters, digits and hyphens")
    parser.add_argument(
        "--data", type=Path, required=True, metavar="FILE", help="the table: .csv, .json or .jsonl, also in gzip"
    )
    parser.add_argument("--target", required=True, metavar="COLUMN", help="the column of the table to predict")
    parser.add_argument(
        "--pipeline",
        type=Path,
        metavar="FILE",
        help="your fitted pipeline, a joblib or pickle; loading it runs its code",
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
    parser.add_argument("--no-sample", action="store_true", help="write no sample.csv with rows of the table")
    add_models(parser)
    add_registry(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the folder, and publish and promote the user's own pipeline if there is one."""
    progress = progress_lines(options.name)
    progress("import", 0.0)
    from model_export.draft.create import NewModel, create
    from model_export.publishing import publish_and_promote

    wanted = NewModel(
        name=options.name,
        data=options.data,
        target=options.target,
        models=options.models,
        pipeline=options.pipeline,
        code=options.code,
        task=options.task,
        rename=_renames(options.rename),
        with_sample=not options.no_sample,
    )
    created = create(wanted, progress)
    definition = created.definition
    for note in created.notes:
        print(f"{definition.name}: {note}")
    print(f"{definition.name}: {proof_line(created.candidate.parity)}")
    print(f"{definition.name}: {metrics_line(created.candidate.metrics)}")
    print(f"wrote {definition.folder}: {', '.join(sorted(path.name for path in definition.folder.iterdir()))}")
    if options.pipeline is not None:
        version = publish_and_promote(registry_of(options), definition, created.candidate, actor=user_name()).version
        print(
            f"version {version} is in production: your pipeline, unchanged, measured on rows it may have been fitted on"
        )
    print("next: despliegue serve (restart a running server)")
    return 0


def _renames(pairs: Sequence[str]) -> dict[str, str]:
    """The pairs OLD=NEW as {OLD: NEW}, divided at the last equals sign, so that OLD may have others."""
    renames: dict[str, str] = {}
    for pair in pairs:
        old, equals, new = pair.rpartition("=")
        if not equals or not old.strip() or not new.strip():
            raise DefinitionError(f"--rename {pair!r}: write OLD=NEW, the column's name in the table and the model's")
        renames[old] = new.strip()
    return renames
