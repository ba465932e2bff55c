"""despliegue publish: publish a pipeline that was fitted elsewhere."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from model_export.commands.options import (
    add_model,
    add_registry,
    labelled_rows,
    pipeline_definition_of,
    registry_of,
    user_name,
)
from model_export.commands.report import metrics_line, progress_lines


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "publish",
        help="publish a pipeline that you fitted, after a proof on rows",
        description="Convert a fitted pipeline to ONNX, prove on labelled rows that both predict the same, and publish "
        "it as a version. The gate of model.toml is not asked.",
    )
    add_model(parser)
    parser.add_argument(
        "--joblib", type=Path, required=True, metavar="FILE", help="your fitted pipeline; loading it runs its code"
    )
    parser.add_argument(
        "--data", type=Path, required=True, metavar="FILE", help="labelled rows to prove and measure it on"
    )
    parser.add_argument("--promote", action="store_true", help="put the version in production")
    add_registry(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Publish and print the version; raises ConversionError, ParityError, InvalidInputError, UnservableError."""
    definition = pipeline_definition_of(options)
    from model_export.pipelines.candidate import prove_pipeline
    from model_export.pipelines.pipeline_module import load_own_code
    from model_export.pipelines.user_joblib import load_estimator
    from model_export.publishing import publish_and_promote

    load_own_code(definition)
    pipeline = load_estimator(options.joblib)
    table = labelled_rows(options.data, definition).table
    schema = definition.schema.learn(table)
    candidate = prove_pipeline(definition, pipeline, schema, table, progress_lines(definition.name))
    registry = registry_of(options)
    manifest = publish_and_promote(registry, definition, candidate, actor=user_name(), is_promoted=options.promote)
    print(f"{definition.name} version {manifest.version}: {metrics_line(candidate.metrics)}")
    if options.promote:
        print("promoted")
    return 0
