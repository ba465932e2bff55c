"""Files that are read whole, with an error that names the file and says why it cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from functions.core.errors import DespliegueError, Fault, InvalidInputError


def given_size(path: Path) -> int:
    """The size of a file that a person named, in bytes; raises InvalidInputError under its path."""
    try:
        return path.stat().st_size
    except OSError as error:
        raise unreadable(path, error) from None


def read_given(path: Path) -> bytes:
    """The bytes of a file that a person named; raises InvalidInputError under its path."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from None


def unreadable(path: Path, error: OSError) -> InvalidInputError:
    """The error for a file that a person named and that the system does not give."""
    return InvalidInputError([Fault((str(path),), f"cannot be read: {error.strerror}", "unreadable")])


def read_required(path: Path, refusal: Callable[[str], DespliegueError]) -> bytes:
    """The bytes of a file that belongs to something larger; raises the `refusal` of a text that names the path."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise refusal(f"{path} is missing") from None
    except OSError as error:
        raise refusal(f"{path} cannot be read: {error.strerror}") from error
