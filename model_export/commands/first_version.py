"""A model's first version, trained on the sample in its folder."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from functions.core.definition import Definition


def train_on_sample(definition: Definition, environment: Mapping[str, str], registry: Path | None = None) -> bool:
    """Whether it gave a version that may serve, in `registry` or in the laptop's own.

    A process of its own: who asks never loads what training needs. What goes wrong, it prints.
    """
    command = [sys.executable, "-m", "model_export.commands.main", "train", definition.name]
    command += ["--models", str(definition.folder.parent)]
    if registry is not None:
        command += ["--registry", str(registry)]
    return subprocess.run(command, check=False, env=environment).returncode == 0  # noqa: S603
