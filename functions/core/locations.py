"""Places to keep objects, in the spelling of operators: scheme://..., or the path of a folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from functions.core.errors import StorageError
from functions.core.storage import Storage

SCHEME = re.compile(r"(?P<name>[a-z][a-z0-9+.-]*)://", re.IGNORECASE)
SCHEMES: Mapping[str, str] = {"s3": "functions.aws.s3_storage"}
"""The module of each scheme. Its `open_location` takes a location and returns its Storage.

Modules are imported at the first use, so that a folder loads no library of a cloud, and core imports no adapter.
"""


def is_folder(location: str) -> bool:
    return SCHEME.match(location) is None


def open_storage(location: str) -> Storage:
    """The storage at a location; raises StorageError for an unknown scheme or a malformed location."""
    match = SCHEME.match(location)
    if match is None:
        if not location:  # as a path it would be the folder that the program happens to be in
            raise StorageError(f"an empty location: {_known()}")
        # not at the top: it loads file locks, which S3 does not need
        from functions.core.local_storage import LocalStorage

        if Path(location).is_file():
            raise StorageError(f"{location!r} is a file: write the path of a folder")
        return LocalStorage(Path(location))
    scheme = match["name"].lower()
    if scheme not in SCHEMES:
        raise StorageError(f"{location!r}: no storage for {scheme}://; {_known()}")
    storage: Storage = import_module(SCHEMES[scheme]).open_location(location)
    return storage


def _known() -> str:
    return f"write the path of a folder, or one of {', '.join(f'{name}://' for name in SCHEMES)}"
