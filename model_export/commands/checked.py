"""The outcome of one check of `despliegue doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "fault"]
"""`fault` is what a deployment fails by, or what hides its cause; `note` is what is good to know before it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at, what was found, and what to do about it, where there is something to do."""

    name: str
    state: State
    found: str
    advice: str = ""
