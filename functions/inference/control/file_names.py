"""Names of files that clients announce, refused before the upload where they would be refused after it."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from functions.core.uploads import FILE_ENDING, FILE_ENDINGS

FILE_STEM = "[A-Za-z0-9][A-Za-z0-9._-]"


def require_ending(name: str) -> str:
    """Return the name; raises PydanticCustomError for the ending of a file that nothing here reads."""
    if not re.search(FILE_ENDING, name):
        raise PydanticCustomError("file_type", FILE_ENDINGS)
    return name


FileName = Annotated[
    str,
    Field(pattern=rf"^{FILE_STEM}{{0,99}}$", json_schema_extra={"pattern": rf"^{FILE_STEM}{{0,90}}{FILE_ENDING}"}),
    AfterValidator(require_ending),
]
"""The name of a file of rows; its ending says what it is: .csv, .json or .jsonl, with .gz after it if packed."""
