"""Names of files that clients announce, refused before the upload where they would be refused after it."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from functions.core.uploads import BATCH_FILE_ENDING, BATCH_FILE_ENDINGS, FILE_ENDING, FILE_ENDINGS

FILE_STEM = "[A-Za-z0-9][A-Za-z0-9._-]"
PLAIN_NAMES = (
    "a file_name has at most 100 characters, a to z, A to Z, 0 to 9, '.', '_' and '-' alone, and begins with a letter "
    "or digit: give another name with the same ending, whatever the file itself is called"
)


def _plain(name: str) -> str:
    if not re.fullmatch(rf"{FILE_STEM}{{0,99}}", name):
        # the type of a pattern's fault, as clients know it: only its message is a regular expression
        raise PydanticCustomError("string_pattern_mismatch", PLAIN_NAMES)
    return name


def _ending(pattern: str, rule: str) -> AfterValidator:
    def require(name: str) -> str:
        if not re.search(pattern, name):
            raise PydanticCustomError("file_type", rule)
        return name

    return AfterValidator(require)


def _pattern(ending: str) -> Any:
    """Both rules of a name, for the OpenAPI document."""
    return Field(json_schema_extra={"pattern": rf"^{FILE_STEM}{{0,90}}{ending}"})


FileName = Annotated[str, _pattern(FILE_ENDING), AfterValidator(_plain), _ending(FILE_ENDING, FILE_ENDINGS)]
"""The name of a file to train on; its ending says what it is: .csv, .json or .jsonl, with .gz after it if packed."""
BatchFileName = Annotated[
    str, _pattern(BATCH_FILE_ENDING), AfterValidator(_plain), _ending(BATCH_FILE_ENDING, BATCH_FILE_ENDINGS)
]
"""The name of a file to predict, which may be a Parquet file too."""
