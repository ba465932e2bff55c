"""Progress of long work, as those hear of it who wait for it."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Called with the stage that begins, and the share from 0 to 1 of all the work that is done."""
StageProgress = Callable[[float], None]
"""Called with the share of one stage that is done."""
