"""The command line; each command imports its libraries when it runs, so that no other command waits for them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from functions import SERVICE, VERSION
from functions.core.errors import DespliegueError, InvalidInputError
from model_export.commands import (
    build,
    check,
    doctor,
    export_qa,
    finetune_qa,
    forget,
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
from model_export.processors import sleep_while_waiting

# A file may have 1000 faults; the first ones show what is wrong, and more would scroll them away.
PRINTED_FAULTS = 20
INTERRUPTED = 130
"""The exit code of a command that Ctrl-C ended, as shells expect it."""


def argument_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=SERVICE, description="Train, prove and serve models, on this machine or on AWS Lambda."
    )
    parser.add_argument("--version", action="version", version=VERSION)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (
        serve,
        new,
        train,
        check,
        publish,
        finetune_qa,
        export_qa,
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
    versions.add_parsers(commands)
    records.add_parsers(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns 0 on success, 1 for an error, 2 for wrong usage, 130 after Ctrl-C."""
    sleep_while_waiting()
    options = argument_parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except InvalidInputError as error:
        for fault in error.faults[:PRINTED_FAULTS]:
            print(": ".join(filter(None, (fault.place, fault.msg))), file=sys.stderr)
        if len(error.faults) > PRINTED_FAULTS:
            print(f"... and {len(error.faults) - PRINTED_FAULTS} more", file=sys.stderr)
        return 1
    except DespliegueError as error:
        print(f"{SERVICE}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"\n{SERVICE}: stopped; what was published stays, and nothing half done counts", file=sys.stderr)
        return INTERRUPTED
    return status


if __name__ == "__main__":
    sys.exit(main())
