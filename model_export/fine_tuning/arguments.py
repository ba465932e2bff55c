"""Arguments of a fine-tuning, read from a TOML file and from NAME=VALUE on the command line.

Names and meanings are the same as in Simple Transformers.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import msgspec

from functions.core.documents import read_document
from functions.core.errors import DocumentError, Fault, InvalidInputError, KeyFault
from functions.core.files import unreadable

LOWER_IS_BETTER: Mapping[str, bool] = {
    "eval_loss": True,
    "correct": False,
    "similar": False,
    "incorrect": True,
    "exact": False,
    "f1": False,
}
"""Metrics that an evaluation computes, by name, and whether a lower value is better."""
LARGEST_SEED = 2**32 - 1
ON_THE_COMMAND_LINE = "--arg"
IN_PYTHON = {"True": "true", "False": "false", "None": "null"}
"""Python's own words for values of JSON, as scripts have them."""

Metric = Literal["eval_loss", "correct", "similar", "incorrect", "exact", "f1"]
AtLeastOne = Annotated[int, msgspec.Meta(ge=1)]
NotEmpty = Annotated[str, msgspec.Meta(min_length=1)]


@dataclass(frozen=True, slots=True)
class FineTuningArguments:
    """Arguments with the defaults of Simple Transformers for question answering.

    Lengths count tokens. `doc_stride` is the step from the start of one window over a long context to the start of the
    next, not their overlap; where the model answers, windows overlap by as much as they do for the longest question.
    `learning_rate` is the peak, reached after `warmup_ratio` of all steps, from where it falls linearly to 0.
    `evaluate_during_training` evaluates at the end of each epoch, and within it after each
    `evaluate_during_training_steps` optimiser steps if that is above 0. `early_stopping_patience` counts evaluations
    without a better `early_stopping_metric`, which also chooses the model in `best_model_dir`. None for `fp16` or
    `bf16` leaves the choice to the machine. `config` overrides the model's configuration.
    """

    max_seq_length: AtLeastOne = 128
    doc_stride: AtLeastOne = 384
    max_query_length: AtLeastOne = 64
    max_answer_length: AtLeastOne = 100
    n_best_size: AtLeastOne = 20
    num_train_epochs: AtLeastOne = 1
    train_batch_size: AtLeastOne = 8
    eval_batch_size: AtLeastOne = 8
    gradient_accumulation_steps: AtLeastOne = 1
    learning_rate: Annotated[float, msgspec.Meta(gt=0)] = 4e-5
    warmup_ratio: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.06
    weight_decay: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    manual_seed: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_SEED)] | None = None
    n_gpu: Annotated[int, msgspec.Meta(ge=0)] = 1
    fp16: bool | None = None
    bf16: bool | None = None
    use_multiprocessing: bool = True
    evaluate_during_training: bool = False
    evaluate_during_training_steps: Annotated[int, msgspec.Meta(ge=-1)] = 2000
    use_early_stopping: bool = False
    early_stopping_metric: Metric = "correct"
    early_stopping_metric_minimize: bool = False
    early_stopping_patience: AtLeastOne = 3
    save_model_every_epoch: bool = True
    save_eval_checkpoints: bool = True
    reprocess_input_data: bool = True
    use_cached_eval_features: bool = False
    overwrite_output_dir: bool = False
    output_dir: NotEmpty = "outputs/"
    best_model_dir: NotEmpty = "outputs/best_model"
    wandb_project: NotEmpty | None = None
    wandb_kwargs: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)


TYPES: Mapping[str, Any] = get_type_hints(FineTuningArguments, include_extras=True)


def read_arguments(path: Path | None, assignments: Sequence[str]) -> dict[str, Any]:
    """Arguments that the file or the command line gives; the command line wins.

    Raises InvalidInputError with every fault of both: its place is the file or `--arg`, then the argument.
    """
    faults: list[Fault] = []
    in_file = _read_file(path, faults) if path else {}
    on_command_line = _read_assignments(assignments, faults)
    given = {
        **_checked(in_file, str(path), faults),
        **_checked(on_command_line, ON_THE_COMMAND_LINE, faults),
    }
    if faults:
        raise InvalidInputError(faults)
    return given


def _read_file(path: Path, faults: list[Fault]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        faults += unreadable(path, error).faults
    except ValueError as error:
        faults.append(Fault((str(path),), f"is not TOML: {error}", "toml"))
    except RecursionError:
        faults.append(Fault((str(path),), "is nested too deep", "toml"))
    return {}


def _read_assignments(assignments: Sequence[str], faults: list[Fault]) -> dict[str, Any]:
    pairs = []
    for assignment in assignments:
        name, sign, text = assignment.partition("=")
        if sign:
            pairs.append((name.strip(), text.strip()))
        else:
            faults.append(Fault((ON_THE_COMMAND_LINE, assignment), "must be NAME=VALUE", "assignment"))
    faults += _repeated(name for name, _ in pairs)
    return {name: _value(name, text) for name, text in pairs}


def _repeated(names: Iterator[str]) -> list[Fault]:
    return [
        Fault((ON_THE_COMMAND_LINE, name), "is given more than once: give it once", "repeated")
        for name, count in Counter(names).items()
        if count > 1
    ]


def _value(name: str, text: str) -> Any:
    """The text itself for an argument that takes it, else a value of JSON or one of Python's own words."""
    try:
        return msgspec.convert(text, TYPES.get(name, int))
    except msgspec.ValidationError:
        pass
    try:
        return json.loads(IN_PYTHON.get(text, text))
    except (ValueError, RecursionError):
        return text


def _checked(document: Mapping[str, Any], source: str, faults: list[Fault]) -> dict[str, Any]:
    try:
        arguments = read_document(document, FineTuningArguments, source)
    except DocumentError as error:
        faults += [Fault((source, *one.key), _message(one), "argument") for one in error.faults]
        return {}
    # converted once more, as the reader leaves a whole number where a number is expected
    return {name: msgspec.convert(getattr(arguments, name), TYPES[name]) for name in document}


def _message(fault: KeyFault) -> str:
    """The fault without its key; a name that is not an argument has a shorter message than the reader's."""
    if fault.key[:1] and fault.key[0] not in TYPES:
        return f"is not an argument of a fine-tuning; {fault.hint or 'known: ' + ', '.join(TYPES)}"
    return str(replace(fault, key=()))
