"""The start of the processes that train for a server or a command."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

AWAY_FROM_TERMINAL: dict[str, Any] = {"start_new_session": True}
if sys.platform == "win32":
    AWAY_FROM_TERMINAL = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
"""Options of Popen for a child to which Ctrl-C does not go: its parent ends it, and it prints nothing over the end."""


def training_environment() -> dict[str, str]:
    """The environment for a process that trains while others serve: idle OpenMP threads sleep instead of spinning."""
    return {"OMP_WAIT_POLICY": "PASSIVE", **os.environ}
