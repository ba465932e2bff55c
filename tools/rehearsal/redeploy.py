"""`python -m tools.rehearsal.redeploy BASE_IMAGE`: what the suite runs to deploy again, with other settings."""

from __future__ import annotations

import sys

from tools.rehearsal import machine
from tools.rehearsal.deployment import Cdk, contexts
from tools.rehearsal.places import Places

if __name__ == "__main__":
    Cdk(Places.find(), contexts(sys.argv[1], machine.native_platform())[1]).deploy()
