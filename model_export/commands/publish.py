"""despliegue publish: publish a pipeline that was fitted elsewhere."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from functions.core.definition import Definition
from functions.core.errors import DefinitionError
from functions.core.spelling import column_name
from model_export.commands.options import (
    add_model,
    add_registry,
    labelled_rows,
    pipeline_definition_of,
    registry_of,
    require_other_rows,
    user_name,
)
from model_export.commands.report import measured_line, progress_lines
from model_export.commands.results import add_json, give

if TYPE_CHECKING:
    from model_export.draft.causes import Cause


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "publish",
        help="publish a pipeline that you fitted, after a proof on rows",
        description="Convert a fitted pipeline to ONNX, prove on labelled rows that both predict the same, and publish "
        "it as a version. The gate of model.toml is not asked, but one no better than guessing is not promoted.",
        examples=["despliegue publish churn --joblib model.joblib --data customers.csv --promote"],
        epilog="exit codes: 0 published, and promoted if that was asked; 1 an error, or not promoted; 2 wrong usage",
    )
    add_model(parser)
    parser.add_argument(
        "--joblib",
        type=Path,
        action="append",
        required=True,
        metavar="FILE",
        help="your fitted pipeline; loading it runs its code; repeat it for a pipeline in several files",
    )
    parser.add_argument(
        "--data", type=Path, required=True, metavar="FILE", help="labelled rows to prove and measure it on"
    )
    parser.add_argument(
        "--evaluation",
        type=Path,
        metavar="FILE",
        help="labelled rows to measure on, which the pipeline was not fitted on",
    )
    parser.add_argument("--promote", action="store_true", help="put the version in production")
    parser.add_argument("--force", action="store_true", help="promote it even if it is no better than guessing")
    add_registry(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Publish and print the version; 1 if it was to be promoted and is not.

    Raises ConversionError, DefinitionError, ParityError, InvalidInputError, UnservableError.
    """
    definition = pipeline_definition_of(options)
    require_other_rows(options.evaluation, options.data)
    from functions.core.measured_on import MeasuredOn
    from functions.core.schema import row_count
    from model_export.draft.causes import likely_causes
    from model_export.draft.several_targets import refuse_other_order
    from model_export.draft.spread import spread
    from model_export.pipelines.candidate import prove_pipeline
    from model_export.pipelines.known_levels import with_known_levels
    from model_export.pipelines.pipeline_module import load_own_code
    from model_export.pipelines.user_joblib import load_pipeline
    from model_export.publishing import publish_and_promote, published_reason

    load_own_code(definition)
    assembled = load_pipeline(options.joblib)
    pipeline = assembled.pipeline
    _refuse_other_columns(definition, assembled.columns)
    refuse_other_order(definition.schema.target_names, assembled.target_names)
    for note in assembled.notes:
        print(f"{definition.name}: {note}")
    table = labelled_rows(options.data, definition).table
    in_sample = options.evaluation is None
    evaluation = table if in_sample else labelled_rows(options.evaluation, definition).table
    schema = with_known_levels(definition.schema.learn(table), pipeline)
    progress = progress_lines(definition.name)
    candidate = prove_pipeline(definition, pipeline, schema, evaluation, progress, proof=table)
    is_promoted = options.promote and (options.force or not candidate.objection)
    reason = published_reason(candidate.objection, is_promoted=is_promoted)
    manifest = publish_and_promote(
        registry_of(options),
        definition,
        candidate,
        actor=user_name(),
        measured_on=MeasuredOn(row_count(evaluation), in_sample),
        is_promoted=is_promoted,
        reason=reason,
    )
    print(f"{definition.name} version {manifest.version}: {measured_line(candidate.metrics, manifest.measured_on)}")
    if candidate.objection:
        print(candidate.objection)
        _print_causes(likely_causes(assembled, schema, spread(table), is_classification=definition.is_classification))
    print(f"{'promoted' if is_promoted else 'not promoted'}: {reason}")
    if options.promote and not is_promoted:
        print("--force promotes it as it is")
    version = {"version": manifest.version, "metrics": candidate.metrics, "measured_on": asdict(manifest.measured_on)}
    outcome = {"promoted": is_promoted, "reason": reason, "notes": assembled.notes}
    give(options, {"model": definition.name, **version, **outcome})
    return 0 if is_promoted or not options.promote else 1


def _refuse_other_columns(definition: Definition, known: Sequence[str]) -> None:
    """Raise DefinitionError for a pipeline over columns without names, whose file has them in another order.

    `known` are these names, if the file has any.
    """
    names = [column_name(name, definition.files) for name in known]
    order = definition.schema.feature_names
    if set(names) == set(order) and names != list(order):
        raise DefinitionError(
            f"the file has the columns of the pipeline in another order, {', '.join(names)}, than {definition.name}, "
            f"{', '.join(order)}, and the pipeline tells them by their place alone: fit it again on the columns in the "
            "order of the model, or make a folder for it by `despliegue new --pipeline`"
        )


def _print_causes(causes: Sequence[Cause]) -> None:
    for cause in causes:
        print(f"likely cause: {cause}")
    if causes:
        print("--pipeline, --columns and --target-was are options of despliegue new; --joblib here is its --pipeline")
    else:
        print("no likely cause was found: its scaler, its columns, its target and its levels suit the rows")
