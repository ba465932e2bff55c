"""despliegue check: train a model folder and prove it, without publishing anything."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from functions.core.definition import Definition
from functions.core.model_folder import SAMPLE
from functions.core.validator import Validator
from model_export.commands.options import add_model, labelled_rows, pipeline_definition_of
from model_export.commands.report import metrics_line, progress_lines, proof_line
from model_export.commands.results import add_json, give


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "check",
        help="train a model folder on its sample and prove it, without publishing it",
        examples=["despliegue check car-price"],
    )
    add_model(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the result of the proof; raises InvalidInputError, ConversionError, ParityError, DefinitionError."""
    definition = pipeline_definition_of(options)
    Validator(definition.schema).table([dict(example) for example in definition.examples])
    candidate = _candidate(definition)
    print(f"{definition.name}: {proof_line(candidate.parity)}")
    print(
        f"{definition.name}: {metrics_line(candidate.metrics)}; model.onnx {len(candidate.files['model.onnx'])} bytes"
    )
    result = {"model": definition.name, "parity": asdict(candidate.parity), "metrics": candidate.metrics}
    give(options, {**result, "artifact_bytes": {name: len(body) for name, body in candidate.files.items()}})
    return 0


def _candidate(definition: Definition) -> Any:
    from model_export.pipelines.candidate import fit_candidate
    from model_export.split import split_rows, take_rows

    table = labelled_rows(definition.folder / SAMPLE, definition).table
    training, evaluation = split_rows(table, definition.schema, definition.split)
    return fit_candidate(
        definition, take_rows(table, training), take_rows(table, evaluation), progress_lines(definition.name)
    )
