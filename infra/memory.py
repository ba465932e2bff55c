"""How much memory a model's function gets, where its model.toml does not say."""

from __future__ import annotations

from math import ceil

from functions.core.baked import has_baked, read_baked
from functions.core.definition import Definition

DEFAULT_MB = 1024
ONE_CPU_MB = 1769
LARGEST_MB = 10_240
STEP_MB = 64
# A base-size Longformer of 592 MB peaks at 1763 MiB over 4096 tokens, its int8 graph of 191 MB at 885 MiB
# (benchmarks/RESULTS.md), and while a new version is loaded the old one is there too.
RUNTIME_MB = 512
PER_SERVED_MB = 4.5


def memory_mb(definition: Definition) -> int:
    """MiB of the predict function: what model.toml says, else by the size of the version in the model's folder.

    Lambda sells CPU by memory, so question answering never gets less than one whole CPU.
    """
    if definition.function.memory_mb is not None:
        return definition.function.memory_mb
    if definition.task != "question-answering":
        return DEFAULT_MB
    needed = RUNTIME_MB + PER_SERVED_MB * _baked_bytes(definition) / 2**20
    return min(max(ceil(needed / STEP_MB) * STEP_MB, ONE_CPU_MB), LARGEST_MB)


def _baked_bytes(definition: Definition) -> int:
    if not has_baked(definition.folder):
        return 0
    manifest = read_baked(definition.folder, definition.name)
    return sum(artifact.size_bytes for artifact in manifest.artifacts.values())
