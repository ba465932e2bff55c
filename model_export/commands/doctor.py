"""despliegue doctor: check what a deployment takes, on this machine and in the AWS account, and say what to do."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from functions.local.home import Home
from model_export.commands.checked import Checked
from model_export.commands.options import add_models
from model_export.commands.results import add_json, give

MARKS = {"ok": "ok   ", "note": "note ", "fault": "FAULT"}


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "doctor",
        help="check what a deployment takes: tools, credentials, region, bootstrap, quotas and the models",
        description="Nothing is changed, here or on AWS. Exit code 1 if there is a fault, else 0.",
        examples=["despliegue doctor", "despliegue doctor --local", "despliegue doctor --json"],
    )
    add_models(parser)
    parser.add_argument("--local", action="store_true", help="only what serving on this machine takes; ask AWS nothing")
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print a line for each check as soon as it is done, and below it what to do."""
    done = []
    for checked in _checks(options):
        done.append(checked)
        print(f"{MARKS[checked.state]}  {checked.name}: {checked.found}", flush=True)
        if checked.advice:
            print(f"       {checked.advice}")
    faults = sum(checked.state == "fault" for checked in done)
    give(options, {"ready": not faults, "checks": [asdict(checked) for checked in done]})
    return 1 if faults else 0


def _checks(options: argparse.Namespace) -> Iterator[Checked]:
    from model_export.commands.home_checks import checked_home
    from model_export.commands.tool_checks import checked_python, checked_tools

    yield checked_python()
    yield from checked_home(options.models, Home.from_environment())
    if options.local:
        return
    yield from checked_tools()
    # botocore takes a moment to load, and no other command and no --local waits for it
    from functions.aws.account import AwsAccount
    from model_export.commands.account_checks import checked_account

    yield from checked_account(AwsAccount())
