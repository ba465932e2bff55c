"""Memory of the functions that load models."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from pathlib import Path

from functions.core.definition import Definition
from functions.core.version_folder import MANIFEST, read_version

DEFAULT_MB = 1024
ONE_CPU_MB = 1769
LARGEST_MB = 10_240
STEP_MB = 64
# A base-size Longformer of 592 MB peaks at 1785 MiB over 4096 tokens, its int8 graph of 149 MB at 677 MiB
# (benchmarks/RESULTS.md), and while a new version is loaded the old one is there too.
RUNTIME_MB = 512
PER_SERVED_MB = 4.5


def memory_mb(definition: Definition, version: Path) -> int:
    """MiB of the predict function: from model.toml, or else by the size of the version in the folder `version`.

    Lambda sells CPU by memory, so a checkpoint never gets less than one whole CPU.
    """
    if definition.function.memory_mb is not None:
        return definition.function.memory_mb
    if definition.model_kind != "checkpoint":
        return DEFAULT_MB
    needed = RUNTIME_MB + PER_SERVED_MB * _size_bytes(version, definition.name) / 2**20
    return min(max(ceil(needed / STEP_MB) * STEP_MB, ONE_CPU_MB), LARGEST_MB)


def every_model_memory_mb(definitions: Mapping[str, Definition], versions: Path, *, least_mb: int) -> int:
    """MiB of a function for all models: `least_mb`, or the memory of the largest predict function if that is more.

    The importer opens each version as predict does before it goes into production, one after the other, and the worker
    of batches has one at a time. A function that can serve a version can open it: `memory_mb` leaves room for two.
    """
    return max([least_mb, *(memory_mb(definition, versions / name) for name, definition in definitions.items())])


def _size_bytes(version: Path, model: str) -> int:
    if not (version / MANIFEST).is_file():
        return 0
    return sum(artifact.size_bytes for artifact in read_version(version, model).artifacts.values())
