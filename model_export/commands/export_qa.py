"""despliegue export-qa: a fine-tuned question-answering checkpoint becomes a version."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from functions.core.errors import DefinitionError, Fault, InvalidInputError
from functions.core.version_folder import bake
from model_export.commands.options import actor, add_models, add_registry, registry_of, require_libraries
from model_export.commands.report import metrics_line, progress_lines

if TYPE_CHECKING:
    from model_export.progress import Progress
    from model_export.question_answering.candidate import CheckpointCandidate
    from model_export.question_answering.hub import Source
    from model_export.question_answering.squad import Question

MARGIN = 1.0
NEEDED = ("torch", "optimum", "transformers")


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("export-qa", help="export a question-answering checkpoint, prove it, publish it")
    parser.add_argument("source", metavar="SOURCE", help="a checkpoint's folder, or OWNER/NAME on the Hugging Face hub")
    parser.add_argument("--name", required=True, help="of the model folder, written if it is not there")
    parser.add_argument("--trust-pickle", action="store_true", help="read pickled weights, which may run code")
    parser.add_argument(
        "--max-length", type=int, metavar="TOKENS", help="of a window (default: the training's, or the model's maximum)"
    )
    parser.add_argument(
        "--max-question-len", type=int, metavar="TOKENS", help="of a question (default: the training's, or 64)"
    )
    parser.add_argument("--evaluation", type=Path, metavar="FILE", help="questions with answers, to measure on: SQuAD")
    parser.add_argument("--quantize", action="store_true", help="publish int8, if it answers --evaluation as well")
    parser.add_argument(
        "--margin", type=float, default=MARGIN, help="points of exact match and F1 that int8 may cost (default: 1)"
    )
    parser.add_argument(
        "--max-answer-len", type=int, metavar="TOKENS", help="of an answer (default: the training's, or 15)"
    )
    parser.add_argument(
        "--impossible",
        action=argparse.BooleanOptionalAction,
        help="answer the empty text where nothing else fits better (default: as the training did, or not)",
    )
    parser.add_argument(
        "--promote", action=argparse.BooleanOptionalAction, default=True, help="put it in production (default)"
    )
    parser.add_argument("--bake", action="store_true", help="also write the version into the model folder")
    add_models(parser)
    add_registry(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Publish and print the version.

    Raises CheckpointError, ParityError, DefinitionError, InvalidInputError, UnservableError.
    """
    _refuse_none("--max-answer-len", "an answer", options.max_answer_len)
    _refuse_none("--max-question-len", "a question", options.max_question_len)
    if options.quantize and options.evaluation is None:
        raise DefinitionError("--quantize needs --evaluation FILE: int8 is published only if it answers as well there")
    progress = progress_lines(options.name)
    progress("import", 0.0)
    require_libraries("export-qa", NEEDED)
    from model_export.publishing import publish_and_promote
    from model_export.question_answering.candidate import LIBRARIES
    from model_export.question_answering.hub import fetch
    from model_export.question_answering.model_folder import find_folder, prepare_folder

    folder = find_folder(options.models, options.name)
    questions = _questions(options.evaluation)
    progress("fetch", 0.0)
    source = fetch(options.source, trust_pickle=options.trust_pickle)
    args, candidate = _proven(options, source, questions, progress)
    definition = replace(prepare_folder(folder, source.hub_id), args=args)
    registry = registry_of(options)
    progress("publish", 0.95)
    manifest = publish_and_promote(
        registry, definition, candidate, actor=actor(), libraries=LIBRARIES, is_promoted=options.promote
    )
    measured = f": {metrics_line(candidate.metrics)}" if candidate.metrics else ""
    print(f"{definition.name} version {manifest.version}{measured}")
    if options.bake:
        bake(registry, manifest, definition.folder)
        print(f"baked into {definition.folder}")
    if options.promote:
        print("promoted")
    return 0


def _proven(
    options: argparse.Namespace, source: Source, questions: Sequence[Question], progress: Progress
) -> tuple[Mapping[str, Any], CheckpointCandidate]:
    """The arguments that the checkpoint was trained with, and its candidate.

    The checkpoint itself goes out of memory, because the version that is opened next needs the room.
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
        print(f"{options.name}: asked as in its training: {taken}")
    request = ExportRequest(source.name, questions, options.margin if options.quantize else None, defaults.settings)
    candidate = prove_checkpoint(replace(checkpoint, max_length=defaults.settings.max_length), request, progress)
    print(f"{options.name}: {candidate.parity.sentence}")
    return checkpoint.args, candidate


def _refuse_none(flag: str, what: str, length: int | None) -> None:
    if length is not None and length < 1:
        raise DefinitionError(f"{flag} is {length}: {what} has at least one token")


def _questions(path: Path | None) -> list[Question]:
    if path is None:
        return []
    from model_export.question_answering.squad import read_questions

    try:
        body = path.read_bytes()
    except OSError as error:
        raise InvalidInputError([Fault((str(path),), f"cannot be read: {error.strerror}", "unreadable")]) from None
    return read_questions(body, path.name)
