"""despliegue export-qa: publish a fine-tuned question-answering checkpoint."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from functions.core.errors import DefinitionError
from functions.core.files import read_given
from functions.core.measured_on import MeasuredOn
from functions.core.version_folder import bake
from model_export.commands.options import add_models, add_registry, registry_of, require_libraries, user_name
from model_export.commands.report import measured_line, progress_lines
from model_export.commands.results import add_json, give

if TYPE_CHECKING:
    from model_export.progress import Progress
    from model_export.question_answering.candidate import CheckpointCandidate
    from model_export.question_answering.hub import Source
    from model_export.question_answering.squad import Question

MARGIN = 1.0
EXPORT_LIBRARIES = ("torch", "optimum", "transformers")


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "export-qa",
        help="export a question-answering checkpoint, prove it and publish it",
        description="Export a question-answering checkpoint to ONNX, prove that both answer the same, publish it as a "
        "version and put it in production. Settings that are not given are taken from its training.",
        examples=[
            "despliegue export-qa my-model --name becas",
            "despliegue export-qa OWNER/NAME --name becas --evaluation questions.json --quantize --bake",
        ],
    )
    parser.add_argument("source", metavar="SOURCE", help="a checkpoint's folder, or OWNER/NAME on the Hugging Face hub")
    parser.add_argument("--name", required=True, help="name of the model folder, which is written if it does not exist")
    parser.add_argument("--trust-pickle", action="store_true", help="allow pickled weights, which may run code")
    parser.add_argument(
        "--max-length",
        type=int,
        metavar="TOKENS",
        help="length of a window (default: the training's, or the model's maximum)",
    )
    parser.add_argument(
        "--max-question-len", type=int, metavar="TOKENS", help="longest question (default: the training's, or 64)"
    )
    parser.add_argument(
        "--evaluation", type=Path, metavar="FILE", help="questions with answers to measure it on, as SQuAD"
    )
    parser.add_argument("--quantize", action="store_true", help="publish int8 if it answers --evaluation well enough")
    parser.add_argument(
        "--margin",
        type=float,
        default=MARGIN,
        metavar="POINTS",
        help="exact match and F1 that int8 may lose (default: 1)",
    )
    parser.add_argument(
        "--max-answer-len", type=int, metavar="TOKENS", help="longest answer (default: the training's, or 15)"
    )
    parser.add_argument(
        "--impossible",
        action=argparse.BooleanOptionalAction,
        help="answer with the empty text if nothing fits better (default: as in the training, or not)",
    )
    parser.add_argument(
        "--promote",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="put the version in production (default: yes)",
    )
    parser.add_argument("--bake", action="store_true", help="also write the version into the model folder")
    add_models(parser)
    add_registry(parser)
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Publish and print the version.

    Raises CheckpointError, ParityError, DefinitionError, InvalidInputError, UnservableError.
    """
    _require_token("--max-answer-len", "an answer", options.max_answer_len)
    _require_token("--max-question-len", "a question", options.max_question_len)
    if options.quantize and options.evaluation is None:
        raise DefinitionError(
            "--quantize needs --evaluation FILE: int8 is published only if it answers well enough there"
        )
    progress = progress_lines(options.name)
    require_libraries("export-qa", EXPORT_LIBRARIES)
    from model_export.question_answering.hub import fetch
    from model_export.question_answering.model_folder import find_folder, prepare_folder

    # A wrong name or a bad file of questions is refused before gigabytes are fetched, and before torch is imported.
    folder = find_folder(options.models, options.name)
    questions = _questions(options.evaluation)
    progress("fetch", 0.0)
    source = fetch(options.source, trust_pickle=options.trust_pickle)
    progress("import", 0.0)
    from model_export.publishing import publish_and_promote, published_reason
    from model_export.question_answering.candidate import LIBRARIES

    args, candidate = _proven(options, source, questions, progress)
    definition = replace(prepare_folder(folder, source.hub_id), args=args)
    registry = registry_of(options)
    progress("publish", 0.95)
    reason = published_reason("", is_promoted=options.promote)
    manifest = publish_and_promote(
        registry,
        definition,
        candidate,
        actor=user_name(),
        libraries=LIBRARIES,
        measured_on=MeasuredOn(len(questions) or None),
        is_promoted=options.promote,
        reason=reason,
    )
    measured = f": {measured_line(candidate.metrics, manifest.measured_on)}" if candidate.metrics else ""
    print(f"{definition.name} version {manifest.version}{measured}")
    if options.bake:
        bake(registry, manifest, definition.folder)
        print(f"baked into {definition.folder}")
    print(f"{'promoted' if options.promote else 'not promoted'}: {reason}")
    version = {"version": manifest.version, "metrics": candidate.metrics, "promoted": options.promote}
    baked = definition.folder if options.bake else None
    give(options, {"model": definition.name, **version, "reason": reason, "baked": baked})
    return 0


def _proven(
    options: argparse.Namespace, source: Source, questions: Sequence[Question], progress: Progress
) -> tuple[Mapping[str, Any], CheckpointCandidate]:
    """The arguments that the checkpoint was trained with, and its candidate.

    The checkpoint itself is not returned, so that its memory is free for the version that is opened next.
    """
    from model_export.question_answering.answering_defaults import AnsweringFlags, answering_defaults
    from model_export.question_answering.candidate import ExportRequest, prove_checkpoint
    from model_export.question_answering.checkpoints import load_checkpoint

    progress("load", 0.05)
    checkpoint = load_checkpoint(source.folder, trust_pickle=options.trust_pickle, max_length=options.max_length)
    flags = AnsweringFlags(options.max_length, options.max_question_len, options.max_answer_len, options.impossible)
    defaults = answering_defaults(checkpoint, flags)
    if defaults.taken:
        taken = ", ".join(f"{name} {json.dumps(value)}" for name, value in defaults.taken.items())
        print(f"{options.name}: settings of its training: {taken}")
    request = ExportRequest(source.name, questions, options.margin if options.quantize else None, defaults.settings)
    candidate = prove_checkpoint(replace(checkpoint, max_length=defaults.settings.max_length), request, progress)
    print(f"{options.name}: {candidate.parity.sentence}")
    return checkpoint.args, candidate


def _require_token(flag: str, what: str, length: int | None) -> None:
    if length is not None and length < 1:
        raise DefinitionError(f"{flag} is {length}: {what} has at least one token")


def _questions(path: Path | None) -> list[Question]:
    if path is None:
        return []
    from model_export.question_answering.squad import read_questions

    return read_questions(read_given(path), path.name)
