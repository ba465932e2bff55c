"""Training of a model's first version on the sample in its folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from functions.core.definition import Definition


def train_on_sample(definition: Definition, environment: Mapping[str, str], registry: Path | None = None) -> bool:
    """Train in `registry`, else in the laptop's own; returns True if the version may serve.

    It runs in its own process, so that the caller never loads the libraries of training. Errors are printed.
    """
    command = [sys.executable, "-m", "model_export.commands.main", "train", definition.name]
    command += ["--models", str(definition.folder.parent)]
    if registry is not None:
        command += ["--registry", str(registry)]
    # It inherits standard output and error, so that its progress is seen while it works.
    return subprocess.run(command, check=False, env=environment).returncode == 0  # noqa: S603
