"""A tiny checkpoint and its exact graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Exported:
    checkpoint: Any
    graph: bytes
