"""Files that the user names."""

from __future__ import annotations

from pathlib import Path

from functions.core.errors import Fault, InvalidInputError


def read_user_file(path: Path, max_bytes: int | None = None) -> bytes:
    """The bytes of a file; raises InvalidInputError with its path if it is unreadable or larger than `max_bytes`."""
    try:
        # Asked before it is read, because it may be larger than the memory.
        if max_bytes is not None and path.stat().st_size > max_bytes:
            raise InvalidInputError([Fault((str(path),), f"the file is larger than {max_bytes} bytes", "too_large")])
        return path.read_bytes()
    except OSError as error:
        raise InvalidInputError([Fault((str(path),), f"cannot be read: {error.strerror}", "unreadable")]) from None
