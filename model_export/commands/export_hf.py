"""despliegue export-hf: publish a fine-tuned checkpoint of Hugging Face, of any task that is served."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
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
    from functions.core.schema import Schema
    from functions.core.tasks import Task
    from model_export.checkpoints.hub import Source
    from model_export.progress import Progress
    from model_export.question_answering.squad import Question
    from model_export.text_classification.labelled_texts import LabelledText

MARGIN = 1.0
EXPORT_LIBRARIES = ("torch", "optimum", "transformers")


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "export-hf",
        aliases=["export-qa"],  # its name when question answering was all that it exported
        help="export a checkpoint of Hugging Face, prove it and publish it",
        description="Export a checkpoint for question answering or text classification to ONNX, prove that both answer "
        "the same, publish it as a version and put it in production. Settings that are not given are taken from its "
        "training.",
        examples=[
            "despliegue export-hf my-model --name becas",
            "despliegue export-hf OWNER/NAME --name becas --evaluation questions.json --quantize --bake",
        ],
    )
    parser.add_argument("source", metavar="SOURCE", help="a checkpoint's folder, or OWNER/NAME on the Hugging Face hub")
    parser.add_argument("--name", required=True, help="name of the model folder, which is written if it does not exist")
    parser.add_argument(
        "--task",
        choices=("question-answering", "text-classification"),
        help="task of a checkpoint whose config.json does not say it (default: by its architecture)",
    )
    parser.add_argument("--trust-pickle", action="store_true", help="allow pickled weights, which may run code")
    parser.add_argument(
        "--max-length",
        type=int,
        metavar="TOKENS",
        help="length of a window, or of a text (default: the training's, or the model's maximum)",
    )
    parser.add_argument(
        "--max-question-len", type=int, metavar="TOKENS", help="longest question (default: the training's, or 64)"
    )
    parser.add_argument(
        "--evaluation",
        type=Path,
        metavar="FILE",
        help="what to measure it on: questions with answers, as SQuAD, or texts with labels, as CSV or JSON",
    )
    parser.add_argument("--quantize", action="store_true", help="publish int8 if it does well enough on --evaluation")
    parser.add_argument(
        "--margin",
        type=float,
        default=MARGIN,
        metavar="POINTS",
        help="exact match (accuracy) and F1 that int8 may lose (default: 1)",
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
        "--truncate",
        action="store_true",
        help="read the first tokens of a text that is too long for the model (default: refuse it)",
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
        raise DefinitionError("--quantize needs --evaluation FILE: int8 is published only if it does well enough there")
    progress = progress_lines(options.name)
    require_libraries("export-hf", EXPORT_LIBRARIES)
    from model_export.checkpoints.hub import fetch
    from model_export.checkpoints.model_folder import find_folder, prepare_folder

    folder = find_folder(options.models, options.name)
    asked = _Asked(options, folder)
    progress("fetch", 0.0)
    source = fetch(options.source, trust_pickle=options.trust_pickle, check=asked.read)
    progress("import", 0.0)
    from model_export.checkpoints.proof import LIBRARIES
    from model_export.checkpoints.public_arguments import public_arguments
    from model_export.publishing import publish_and_promote, published_reason

    args, candidate = PROVEN[asked.task](options, source, asked.evaluation, progress)
    print(f"{options.name}: {candidate.parity.sentence}")
    definition = replace(prepare_folder(folder, asked.task, source.hub_id), args=public_arguments(args))
    registry = registry_of(options)
    progress("publish", 0.95)
    if asked.task == "text-classification":
        candidate = replace(candidate, schema=_with_labels(definition.schema, candidate.labels))
    reason = published_reason("", is_promoted=options.promote)
    manifest = publish_and_promote(
        registry,
        definition,
        candidate,
        actor=user_name(),
        libraries=LIBRARIES,
        measured_on=MeasuredOn(len(asked.evaluation) or None),
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


class _Asked:
    """The task of a checkpoint, and the file to measure it on, known from its configuration alone.

    A wrong name or a bad file is refused before gigabytes are fetched, and before torch is imported.
    """

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self._options = options
        self._folder = folder
        self.task: Task = options.task or "question-answering"
        self.evaluation: Sequence[Any] = ()
        self._body = b"" if options.evaluation is None else read_given(options.evaluation)

    def read(self, configured: Path) -> None:
        """`configured` is the folder of its config.json."""
        from model_export.checkpoints.families import checkpoint_task
        from model_export.checkpoints.model_folder import require_task

        self.task = self._options.task or checkpoint_task(configured)
        require_task(self._folder, self.task)
        strange = [flag for flag, name in OF_ANOTHER_TASK[self.task].items() if getattr(self._options, name)]
        if strange:
            raise DefinitionError(f"{', '.join(strange)}: a checkpoint for {self.task} has no such setting")
        if self._options.evaluation is not None:
            self.evaluation = READERS[self.task](self._body, self._options.evaluation.name)


def _questions(body: bytes, name: str) -> Sequence[Question]:
    from model_export.question_answering.squad import read_questions

    return read_questions(body, name)


def _labelled_texts(body: bytes, name: str) -> Sequence[LabelledText]:
    from model_export.text_classification.labelled_texts import read_labelled_texts

    return read_labelled_texts(body, name)


def _proven_answering(
    options: argparse.Namespace, source: Source, questions: Sequence[Any], progress: Progress
) -> tuple[Mapping[str, Any], Any]:
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
    _print_taken(options.name, defaults.taken)
    margin = options.margin if options.quantize else None
    request = ExportRequest(source.name, questions, margin, defaults.settings, _evaluation_name(options))
    candidate = prove_checkpoint(replace(checkpoint, max_length=defaults.settings.max_length), request, progress)
    return checkpoint.args, candidate


def _proven_labelling(
    options: argparse.Namespace, source: Source, texts: Sequence[Any], progress: Progress
) -> tuple[Mapping[str, Any], Any]:
    """The same for a checkpoint that labels texts."""
    from model_export.text_classification.text_candidate import TextExport, prove_text_checkpoint
    from model_export.text_classification.text_checkpoints import load_text_checkpoint

    progress("load", 0.05)
    checkpoint = load_text_checkpoint(source.folder, trust_pickle=options.trust_pickle, max_length=options.max_length)
    _print_taken(options.name, checkpoint.taken)
    for difference in checkpoint.differences(truncation=options.truncate):
        print(f"{options.name}: {difference}")
    margin = options.margin if options.quantize else None
    request = TextExport(source.name, texts, _evaluation_name(options), margin, truncation=options.truncate)
    return checkpoint.args, prove_text_checkpoint(checkpoint, request, progress)


def _print_taken(name: str, taken: Mapping[str, Any]) -> None:
    """`taken` are the settings that come from a training, by name."""
    if taken:
        listed = ", ".join(f"{setting} {json.dumps(value, ensure_ascii=False)}" for setting, value in taken.items())
        print(f"{name}: settings of its training: {listed}")


def _evaluation_name(options: argparse.Namespace) -> str:
    return options.evaluation.name if options.evaluation else ""


READERS: Mapping[Task, Callable[[bytes, str], Sequence[Any]]] = {
    "question-answering": _questions,
    "text-classification": _labelled_texts,
}
PROVEN: Mapping[Task, Callable[..., tuple[Mapping[str, Any], Any]]] = {
    "question-answering": _proven_answering,
    "text-classification": _proven_labelling,
}
OF_ANOTHER_TASK: Mapping[Task, Mapping[str, str]] = {
    "question-answering": {"--truncate": "truncate"},
    "text-classification": {
        "--max-question-len": "max_question_len",
        "--max-answer-len": "max_answer_len",
        "--impossible": "impossible",
    },
}
"""Flags that a task does not have, with the name of their value."""


def _with_labels(schema: Schema, labels: Sequence[str]) -> Schema:
    """The schema of a model.toml, whose target has the labels of the checkpoint."""
    return replace(schema, target=replace(schema.targets[0], levels=tuple(labels)))


def _require_token(flag: str, what: str, length: int | None) -> None:
    if length is not None and length < 1:
        raise DefinitionError(f"{flag} is {length}: {what} has at least one token")
