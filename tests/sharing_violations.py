"""The refusals of Windows for files that another program has open, on any system."""

from __future__ import annotations

SHARING_VIOLATION = 32


def in_use(name: object) -> PermissionError:
    """The error of Windows for a file that is open elsewhere."""
    error = PermissionError(13, "The process cannot access the file because it is being used", str(name))
    error.winerror = SHARING_VIOLATION  # type: ignore[attr-defined]
    return error
