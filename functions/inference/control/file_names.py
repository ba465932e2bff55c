"""Names of files that clients announce, refused before the upload where they would be refused after it."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from functions.core.uploads import BATCH_FILE_ENDING, BATCH_FILE_ENDINGS, FILE_ENDING, FILE_ENDINGS

FILE_STEM = "[A-Za-z0-9][A-Za-z0-9._-]"


def _ending(pattern: str, rule: str) -> AfterValidator:
    def require(name: str) -> str:
        if not re.search(pattern, name):
            raise PydanticCustomError("file_type", rule)
        return name

    return AfterValidator(require)


def _name(pattern: str) -> Any:
    schema: dict[str, Any] = {"pattern": rf"^{FILE_STEM}{{0,90}}{pattern}"}
    return Field(pattern=rf"^{FILE_STEM}{{0,99}}$", json_schema_extra=schema)


FileName = Annotated[str, _name(FILE_ENDING), _ending(FILE_ENDING, FILE_ENDINGS)]
"""The name of a file to train on; its ending says what it is: .csv, .json or .jsonl, with .gz after it if packed."""
BatchFileName = Annotated[str, _name(BATCH_FILE_ENDING), _ending(BATCH_FILE_ENDING, BATCH_FILE_ENDINGS)]
"""The name of a file to predict, which may be a Parquet file too."""
