"""Operations on files that another process may have open, which Windows refuses for that moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

IN_USE = frozenset({5, 32, 33})
"""The codes of Windows for a file that is open, or about to be removed; 5 is also that of a missing permission."""
PATIENCE_SECONDS = 2.0
"""Files are open for milliseconds; a virus scanner takes longer."""
PAUSE_SECONDS = 0.01
_Result = TypeVar("_Result")


def patiently(act: Callable[[], _Result]) -> _Result:
    """The result of `act`, which is repeated for PATIENCE_SECONDS while Windows says that the file is in use."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return act()
        except PermissionError as error:
            # no other system has such codes, and none refuses what is open
            if getattr(error, "winerror", None) not in IN_USE or time.monotonic() >= deadline:
                raise
        time.sleep(PAUSE_SECONDS)
