"""Arguments of a fine-tuning, read from a file and from NAME=VALUE on the command line.

The file is TOML, or the model_args.json that Simple Transformers and finetune-qa write next to the weights.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from functions.core.documents import read_document
from functions.core.errors import DocumentError, Fault, InvalidInputError, KeyFault
from functions.core.files import unreadable
from functions.core.near_names import nearest
from model_export.fine_tuning.arguments import TYPES, FineTuningArguments
from model_export.fine_tuning.unsupported_arguments import MODEL_CLASS, QUESTION_ANSWERING, UNSUPPORTED

ON_THE_COMMAND_LINE = "--arg"
IN_PYTHON = {"True": "true", "False": "false", "None": "null"}
"""Python's own words for values of JSON, as scripts have them."""
WRITTEN = ".json"
"""Suffix of a file that a program wrote, with all arguments, whether somebody chose them or not."""
FOLDERS = ("output_dir", "best_model_dir")
OTHER_DEFAULTS: Mapping[str, Any] = {"eval_batch_size": 100, "fp16": True, "logging_steps": 50}
"""Defaults of Simple Transformers, where they are others here."""


@dataclass(frozen=True, slots=True)
class GivenArguments:
    """`values` are valid each by itself; `notes` name those that are ignored, with the reason."""

    values: Mapping[str, Any]
    notes: tuple[str, ...] = ()


def read_arguments(path: Path | None, assignments: Sequence[str], out: Path | None = None) -> GivenArguments:
    """Arguments that the file or the command line gives; the command line wins.

    In a model_args.json a default of the program that wrote it counts as not given, and so do the folders of the
    earlier training with `out`, and its warmup_steps if Simple Transformers may have made them out of warmup_ratio.
    Raises InvalidInputError with every fault of both: its place is the file or `--arg`, then the argument.
    """
    faults: list[Fault] = []
    notes: list[str] = []
    is_written = path is not None and path.suffix == WRITTEN
    document = _read_file(path, faults) if path else {}
    in_file = _supported(document, str(path), is_written, faults, notes)
    on_command_line = _read_assignments(assignments, faults)
    on_command_line = _supported(on_command_line, ON_THE_COMMAND_LINE, False, faults, notes)
    in_file = _checked(in_file, str(path), faults)
    on_command_line = _checked(on_command_line, ON_THE_COMMAND_LINE, faults)
    if is_written:
        in_file = _chosen(in_file, out, is_own=MODEL_CLASS not in document)
    if is_written and MODEL_CLASS in document and "warmup_steps" not in on_command_line:
        in_file = _without_derived_warmup(in_file, notes)
    if faults:
        raise InvalidInputError(faults)
    return GivenArguments({**in_file, **on_command_line}, tuple(notes))


def _read_file(path: Path, faults: list[Fault]) -> dict[str, Any]:
    form, parsed = ("JSON", json.loads) if path.suffix == WRITTEN else ("TOML", tomllib.loads)
    try:
        document = parsed(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        faults += unreadable(path, error).faults
    except ValueError as error:
        faults.append(Fault((str(path),), f"is not {form}: {error}", form.lower()))
    except RecursionError:
        faults.append(Fault((str(path),), "is nested too deep", form.lower()))
    else:
        if isinstance(document, dict):
            return document
        faults.append(Fault((str(path),), "is not a JSON object of arguments", "json"))
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
    """Nothing or the text itself for an argument that takes it, else a value of JSON or one of Python's own words."""
    in_json = IN_PYTHON.get(text, text)
    # Nothing first: to an argument that may be left out, the word for it is not a text.
    for value in (*([None] if in_json == "null" else []), text):
        with suppress(msgspec.ValidationError):
            return msgspec.convert(value, TYPES.get(name, int))
    try:
        return json.loads(in_json)
    except (ValueError, RecursionError):
        return text


def _supported(
    document: Mapping[str, Any], source: str, is_written: bool, faults: list[Fault], notes: list[str]
) -> dict[str, Any]:
    """The arguments that have a counterpart here; the others become faults or notes."""
    kind = document.get(MODEL_CLASS, QUESTION_ANSWERING)
    if kind != QUESTION_ANSWERING:
        # one fault instead of one for each argument that only the other kind has
        faults.append(Fault((source, MODEL_CLASS), f"is {kind}: {UNSUPPORTED[MODEL_CLASS].reason}", "argument"))
        return {}
    for name in document.keys() & UNSUPPORTED.keys():
        argument, value = UNSUPPORTED[name], document[name]
        if argument.is_harmless(value, is_written=is_written):
            continue
        if argument.is_refused:
            faults.append(Fault((source, name), f"is not supported: {argument.reason}", "argument"))
        else:
            notes.append(f"{name} is ignored: {argument.reason}")
    notes.sort()
    return {name: value for name, value in document.items() if name not in UNSUPPORTED}


def _checked(document: Mapping[str, Any], source: str, faults: list[Fault]) -> dict[str, Any]:
    try:
        arguments = read_document(document, FineTuningArguments, source)
    except DocumentError as error:
        faults += [Fault((source, *one.key), _message(one), "argument") for one in error.faults]
        return {}
    # converted once more, as the reader leaves a whole number where a number is expected
    return {name: msgspec.convert(getattr(arguments, name), TYPES[name]) for name in document}


def _chosen(values: Mapping[str, Any], out: Path | None, *, is_own: bool) -> dict[str, Any]:
    """Values that differ from the defaults of the program that wrote them, which `is_own` or Simple Transformers.

    With `out` the folders of the earlier training are left out.
    """
    defaults = {**asdict(FineTuningArguments()), **({} if is_own else OTHER_DEFAULTS)}
    left_out = FOLDERS if out is not None else ()
    return {name: value for name, value in values.items() if value != defaults[name] and name not in left_out}


def _without_derived_warmup(chosen: Mapping[str, Any], notes: list[str]) -> dict[str, Any]:
    """The values of Simple Transformers without warmup_steps, unless no ratio can have made them."""
    steps = chosen.get("warmup_steps")
    if steps is None or chosen.get("warmup_ratio") == 0:
        return dict(chosen)
    notes.append(
        f"warmup_steps {steps} is ignored, and warmup_ratio counts: Simple Transformers writes there what warmup_ratio "
        f"made of the steps of the earlier training; --arg warmup_steps={steps} keeps it"
    )
    return {name: value for name, value in chosen.items() if name != "warmup_steps"}


def _message(fault: KeyFault) -> str:
    """The fault without its key; a name that is not an argument has a shorter message than the reader's."""
    if not fault.key[:1] or fault.key[0] in TYPES:
        return str(replace(fault, key=()))
    near = nearest(str(fault.key[0]), [*TYPES, *UNSUPPORTED])
    return f"is not an argument of a fine-tuning; {f'did you mean {near}?' if near else 'known: ' + ', '.join(TYPES)}"
