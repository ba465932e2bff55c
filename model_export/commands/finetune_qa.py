"""despliegue finetune-qa: fine-tune a question-answering checkpoint on files of questions."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from functions.core.errors import Fault, InvalidInputError
from model_export.commands.options import require_libraries
from model_export.commands.results import add_json, give

if TYPE_CHECKING:
    from model_export.fine_tuning.argument_checks import CheckedArguments
    from model_export.fine_tuning.question_files import CheckedFile

FINE_TUNING_LIBRARIES = ("accelerate", "matplotlib", "torch", "transformers")


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "finetune-qa",
        help="fine-tune a question-answering model on questions with answers",
        description="Fine-tune a question-answering model on questions with answers. Both files and all arguments are "
        "checked before anything is trained or written.",
        examples=[
            "despliegue finetune-qa --train train.json --test test.json --base OWNER/NAME --out my-model",
            "despliegue finetune-qa --train train.json --base OWNER/NAME --dry-run",
        ],
        epilog="exit codes: 0 done; 1 an error, or bad questions that were neither repaired nor dropped; 2 wrong usage",
    )
    parser.add_argument(
        "--train",
        type=Path,
        required=True,
        metavar="FILE",
        help="questions to train on, as SQuAD or as the list of Simple Transformers",
    )
    parser.add_argument("--test", type=Path, metavar="FILE", help="questions to evaluate on, in the same form")
    parser.add_argument(
        "--base",
        required=True,
        metavar="MODEL",
        help="OWNER/NAME on the Hugging Face hub, a checkpoint's folder, or a config.json to train from scratch",
    )
    parser.add_argument(
        "--trust-pickle", action="store_true", help="allow pickled weights of MODEL, which may run code"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="folder for the model (default: the argument output_dir)"
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="arguments of Simple Transformers: a TOML file, or the model_args.json of a model",
    )
    parser.add_argument(
        "--arg",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="one argument, which overrides --config; may be repeated",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="check the files and arguments, list the faults, and stop"
    )
    parser.add_argument(
        "--repair",
        action="store_true",
        help="correct faults with one certain remedy, such as a wrong offset of a text that occurs once",
    )
    parser.add_argument("--drop-bad", action="store_true", help="leave out questions that are still bad")
    parser.add_argument(
        "--resume", action="store_true", help="continue from the last checkpoint of a run that was stopped"
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Fine-tune, or only check with --dry-run; returns 1 if a question is bad and neither repaired nor dropped.

    Nothing is trained or written before both files and all arguments were checked.
    Raises InvalidInputError and CheckpointError.
    """
    # A check needs no torch, so that questions can be checked on any machine.
    if not options.dry_run:
        require_libraries("finetune-qa", FINE_TUNING_LIBRARIES)
    from model_export.fine_tuning.question_files import check_file

    paths = [path for path in (options.train, options.test) if path is not None]
    files = [check_file(path, repair=options.repair) for path in paths]
    for file in files:
        _print_file(file, is_dropped=options.drop_bad)
    checked = _checked_arguments(options)
    for note in checked.notes:
        print(f"note: {note}")
    give(options, {"files": list(map(_file_record, files)), "arguments": checked.arguments})
    if any(file.faults for file in files) and not options.drop_bad:
        print(_advice(options), file=sys.stderr)
        return 1
    _refuse_empty(files)
    if not options.dry_run:
        _fine_tune(options, checked, files)
    return 0


def _print_file(file: CheckedFile, *, is_dropped: bool) -> None:
    for repair in file.repairs:
        print(f"{_place(repair.place)}: repaired: {repair.what}")
    for fault in file.faults:
        print(f"{_place(fault.loc)}: {'left out: ' if is_dropped else ''}{fault.msg}")
    print(f"{file.name}: {', '.join(f'{count} {name}' for name, count in file.counts.items())}")


def _file_record(file: CheckedFile) -> Mapping[str, Any]:
    repairs = [{"loc": list(one.place), "repair": one.what} for one in file.repairs]
    return {"file": file.name, **file.counts, "repairs": repairs, "errors": [one.to_dict() for one in file.faults]}


def _place(place: Sequence[str | int]) -> str:
    return f"{place[0]}: {'.'.join(map(str, place[1:]))}"


def _checked_arguments(options: argparse.Namespace) -> CheckedArguments:
    from model_export.fine_tuning.argument_checks import check_arguments
    from model_export.fine_tuning.argument_reading import read_arguments
    from model_export.fine_tuning.surroundings import (
        Surroundings,
        available_gpus,
        is_of_the_hub,
        longest_input_of,
        refuse_absent_reporters,
        refuse_unusable_base,
    )

    refuse_unusable_base(options.base, trust_pickle=options.trust_pickle)
    given = read_arguments(options.config, options.arg, options.out)
    inputs = (options.train, options.test, options.config, Path(options.base))
    surroundings = Surroundings(
        has_test=options.test is not None,
        gpus=available_gpus(),
        longest_input=longest_input_of(options.base, given.values.get("config", {})),
        inputs=tuple(path for path in inputs if path is not None and path.exists()),
        resume=options.resume,
    )
    checked = check_arguments(given.values, options.out, surroundings)
    refuse_absent_reporters(checked.arguments)
    unsought = [_unsought(options.base)] if options.dry_run and is_of_the_hub(options.base) else []
    return replace(checked, notes=(*given.notes, *checked.notes, *unsought))


def _unsought(base: str) -> str:
    return f"--base {base} is no folder here: taken for the hub model of that name, which a check does not look for"


def _advice(options: argparse.Namespace) -> str:
    repair = "" if options.repair else "--repair corrects the certain ones, "
    return f"some questions are bad: correct them; {repair}--drop-bad leaves them out"


def _refuse_empty(files: Sequence[CheckedFile]) -> None:
    empty = [file.name for file in files if not file.questions]
    if empty:
        raise InvalidInputError([Fault((name,), "no good question is left", "empty") for name in empty])


def _fine_tune(options: argparse.Namespace, checked: CheckedArguments, files: Sequence[CheckedFile]) -> None:
    from model_export.fine_tuning.fine_tune import fine_tune
    from model_export.fine_tuning.run import FineTuningRequest

    fine_tune(
        FineTuningRequest(
            train=files[0].questions,
            test=files[1].questions if options.test else (),
            base=options.base,
            arguments=checked.arguments,
            resume=options.resume,
            trust_pickle=options.trust_pickle,
        )
    )
