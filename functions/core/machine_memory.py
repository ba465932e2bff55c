"""The memory that a trainer may use where this process runs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

MIB = 2**20
LAMBDA_MEMORY_VARIABLE = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"
CGROUP_FILES = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""The limit of a container: of control groups version 2 and version 1."""
UNKNOWN_BYTES = 4096 * MIB
"""The memory of a system that does not tell."""
SHARE = 2


def trainer_memory_bytes(
    environment: Mapping[str, str] = os.environ, cgroup_files: Sequence[Path] = CGROUP_FILES
) -> int:
    """All memory of a Lambda function; half of a container or machine, which other programs use as well."""
    megabytes = environment.get(LAMBDA_MEMORY_VARIABLE, "")
    if megabytes.isdecimal():
        return int(megabytes) * MIB
    return min([*_of_container(cgroup_files), _of_machine()]) // SHARE


def _of_container(files: Sequence[Path]) -> list[int]:
    texts = [path.read_text(encoding="ascii").strip() for path in files if path.is_file()]
    return [int(text) for text in texts if text.isdecimal()]  # else "max": no limit


def _of_machine() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # not on every system
        return UNKNOWN_BYTES
