"""`python -m tools.rehearsal.redeploy {later|broken} BASE_IMAGE`: one more deployment, which the suite runs."""

from __future__ import annotations

import argparse

from tools.rehearsal import machine
from tools.rehearsal.commands import StepFailedError
from tools.rehearsal.deployment import Cdk, context
from tools.rehearsal.places import Places

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("deployment", choices=("later", "broken"))
    parser.add_argument("base_image")
    options = parser.parse_args()
    try:
        Cdk(Places.find(), context(options.deployment, options.base_image, machine.native_platform())).deploy()
    except StepFailedError as error:
        parser.exit(1, f"{error}\n")
