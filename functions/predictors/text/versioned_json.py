"""A file of a version that has one part and the number of its format."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import orjson

from functions.core.documents import read_document
from functions.core.errors import DamagedVersionError, DocumentError

Part = TypeVar("Part")


def read_versioned(body: bytes, kind: type[Part], name: str, formats: Sequence[int]) -> Part:
    """The file of that name, of one of these formats; raises DamagedVersionError if it holds something else."""
    try:
        document: Any = orjson.loads(body)
        if document["format_version"] not in formats:
            raise DamagedVersionError(
                f"{name} has format version {document['format_version']}, this Despliegue reads "
                f"{' and '.join(map(str, formats))}: install a newer one"
            )
        # types alone: a version that was trained before a bound existed must still open
        return read_document(document, kind, name, bounds=False)
    except DocumentError as error:
        raise DamagedVersionError(f"{name} cannot be read: {error.brief}") from error
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise DamagedVersionError(f"{name} cannot be read: {error!r}") from error
