"""despliegue train: train a version on the rows in a file."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from functions.core.clock import now
from functions.core.definition import Definition, Split
from functions.core.documents import read_document
from functions.core.errors import DefinitionError
from functions.core.manifest import MODES
from functions.core.model_folder import SAMPLE
from model_export.commands.options import (
    add_model,
    add_registry,
    labelled_rows,
    pipeline_definition_of,
    registry_of,
    require_other_rows,
    require_size,
    user_name,
)
from model_export.commands.report import metrics_line, progress_lines
from model_export.commands.results import add_json, give

if TYPE_CHECKING:
    from model_export.training_files.rows import ReadRows

COMMAND = "despliegue train"


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "train",
        help="train a model on a file, and publish and promote the version",
        description="Train a model on the rows of a file, convert it to ONNX, prove that both predict the same, and "
        "publish it as a version. It goes into production if the gate of model.toml lets it pass.",
        examples=[
            "despliegue train churn",
            "despliegue train churn --data customers.csv --evaluation holdout.csv",
            "despliegue train churn --data more.csv --mode extend --arg C=0.5",
        ],
        epilog="exit codes: 0 the version is in production; 1 an error, or the version was not promoted; 2 wrong usage",
    )
    add_model(parser)
    parser.add_argument(
        "--data",
        type=Path,
        metavar="FILE",
        help="labelled rows: .csv, .json or .jsonl, also in gzip (default: the model's sample.csv)",
    )
    parser.add_argument(
        "--evaluation", type=Path, metavar="FILE", help="evaluate on these rows, and train on all rows of --data"
    )
    parser.add_argument(
        "--split", choices=["hash", "random"], help="how rows are set aside for evaluation (default: as in model.toml)"
    )
    parser.add_argument(
        "--test-size",
        type=float,
        metavar="SHARE",
        help="share of the rows set aside for evaluation, between 0 and 1 (default: as in model.toml)",
    )
    parser.add_argument("--seed", type=int, metavar="N", help="seed of the split (default: as in model.toml)")
    parser.add_argument(
        "--arg",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an argument of build_pipeline; may be repeated",
    )
    parser.add_argument(
        "--mode",
        choices=MODES,
        default="replace",
        help="train on these rows alone, or extend the rows of the version in production (default: replace)",
    )
    parser.add_argument("--force", action="store_true", help="promote even if the gate does not let it pass")
    add_registry(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Train and print the outcome; 1 if the version was not promoted."""
    definition = _adjusted(pipeline_definition_of(options), options)
    path = options.data or definition.folder / SAMPLE
    require_other_rows(options.evaluation, path)
    for file in filter(None, (path, options.evaluation)):
        require_size(file, definition)
    progress = progress_lines(definition.name)
    # The import of scikit-learn takes seconds, so the first line of progress comes before it.
    progress("import", 0.0)
    from model_export.training import TrainingRun, train

    rows = _rows(path, definition)
    evaluation = None if options.evaluation is None else _rows(options.evaluation, definition).table
    result = train(
        registry_of(options),
        TrainingRun(
            definition=definition,
            table=rows.table,
            mode=options.mode,
            force=options.force,
            actor=user_name(),
            data_time=now(),
            progress=progress,
            evaluation=evaluation,
            ids=rows.ids,
        ),
    )
    rows_used = f"{result.rows['training']} training and {result.rows['evaluation']} evaluation rows"
    print(f"{definition.name} version {result.version}: {metrics_line(result.metrics)} ({rows_used})")
    print(f"{'promoted' if result.promoted else 'not promoted'}: {result.reason}")
    give(options, {"model": definition.name, **asdict(result), "notes": rows.notes})
    return 0 if result.promoted else 1


def _rows(path: Path, definition: Definition) -> ReadRows:
    rows = labelled_rows(path, definition)
    for note in rows.notes:
        print(f"{definition.name}: {note}")
    return rows


def _adjusted(definition: Definition, options: argparse.Namespace) -> Definition:
    """The definition with the values of the options; raises DocumentError for values that model.toml cannot have."""
    given = {"method": options.split, "test_size": options.test_size, "seed": options.seed}
    asked = {name: value for name, value in given.items() if value is not None}
    split = read_document({**asdict(definition.split), **asked}, Split, COMMAND)
    args = read_document(_args(options.arg), dict[str, Any], f"{COMMAND} --arg")
    return replace(definition, split=split, args={**definition.args, **args})


def _args(pairs: Sequence[str]) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise DefinitionError(f"--arg {pair!r}: write NAME=VALUE")
        try:
            arguments[name] = json.loads(text)
        except ValueError:  # a text needs no quotes of JSON
            arguments[name] = text
    return arguments
