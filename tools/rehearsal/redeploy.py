"""`python -m tools.rehearsal.redeploy BASE_IMAGE`: a second deployment with other settings, which the suite runs."""

from __future__ import annotations

import sys

from tools.rehearsal import machine
from tools.rehearsal.deployment import Cdk, contexts
from tools.rehearsal.places import Places

if __name__ == "__main__":
    Cdk(Places.find(), contexts(sys.argv[1], machine.native_platform())[1]).deploy()
