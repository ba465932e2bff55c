"""The command line; each command imports its libraries when it runs, so that no other command waits for them."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from functions import SERVICE, VERSION
from functions.core.errors import DespliegueError, InvalidInputError
from model_export.commands import (
    build,
    check,
    completion,
    doctor,
    export_hf,
    finetune_qa,
    forget,
    models,
    new,
    predict,
    prune,
    publish,
    push_hub,
    records,
    remove,
    serve,
    token,
    train,
    versions,
)
from model_export.commands.parsing import CommandParser
from model_export.commands.results import INTERRUPTED, lines_apart, print_errors, print_result
from model_export.processors import sleep_while_waiting

# A file may have 1000 faults; the first ones show what is wrong, and more would scroll them away.
PRINTED_FAULTS = 20
EXIT_CODES = (
    "exit codes: 0 done; 1 an error, which is on stderr, or a version that was made and not promoted; 2 wrong usage; 3 "
    "something is left to you (forget); 130 after Ctrl-C (serve: 0). Every command: docs/command-line.md"
)
NOTHING_GOES_ON = "what was published stays, and nothing half done counts"
EXAMPLES = [
    "despliegue serve",
    "despliegue new flat-rents --data examples/flats.csv --target rent",
    "despliegue train churn --data customers.csv",
    "despliegue train --help",
]


def argument_parser() -> CommandParser:
    parser = CommandParser(
        prog=SERVICE,
        description="Train, prove and serve models, on this machine or on AWS Lambda.",
        examples=EXAMPLES,
        epilog=EXIT_CODES,
    )
    parser.add_argument("--version", action="version", version=VERSION)
    commands = parser.add_commands("COMMAND")
    for module in (
        serve,
        new,
        train,
        check,
        publish,
        finetune_qa,
        export_hf,
        push_hub,
        build,
        prune,
        predict,
        remove,
        forget,
        token,
        doctor,
    ):
        module.add_parser(commands)
    models.add_parser(commands)
    versions.add_parsers(commands)
    records.add_parsers(commands)
    completion.add_parser(commands, parser)
    return parser


def _refuse_bars_in_pipes() -> None:
    """Let no library draw progress bars, which redraw a line of a terminal, where standard error is no terminal."""
    if not sys.stderr.isatty():
        os.environ.setdefault("TQDM_DISABLE", "1")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")


def _print_whatever_there_is() -> None:
    """Escape what the encoding of a pipe lacks, such as ł on Windows, instead of ending with an error."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns 0 on success, 1 for an error, 2 for wrong usage, 130 after Ctrl-C.

    `despliegue forget` has 3 as well.
    """
    sleep_while_waiting()
    _refuse_bars_in_pipes()
    _print_whatever_there_is()
    options = argument_parser().parse_known(sys.argv[1:] if arguments is None else arguments)
    try:
        with lines_apart(options):
            status: int = options.run(options)
    except InvalidInputError as error:
        print_errors(options, error)
        for fault in error.faults[:PRINTED_FAULTS]:
            print(": ".join(filter(None, (fault.place, fault.msg))), file=sys.stderr)
        if len(error.faults) > PRINTED_FAULTS:
            print(f"... and {len(error.faults) - PRINTED_FAULTS} more", file=sys.stderr)
        return 1
    except DespliegueError as error:
        print_errors(options, error)
        print(f"{SERVICE}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt as interrupt:
        # its own text, if any, is how what was stopped goes on
        print(f"\n{SERVICE}: stopped; {str(interrupt) or NOTHING_GOES_ON}", file=sys.stderr)
        return INTERRUPTED
    print_result(options)
    return status


if __name__ == "__main__":
    sys.exit(main())
