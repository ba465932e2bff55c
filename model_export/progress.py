"""Callbacks for the progress of long work."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Called with the name of the stage that begins, and the share of the whole work that is done, from 0 to 1."""
StageProgress = Callable[[float], None]
"""Called with the share of one stage that is done, from 0 to 1."""
