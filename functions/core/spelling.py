"""The spelling of columns and texts in files, brought to that of the model as `[files]` of model.toml says."""

from __future__ import annotations

from collections.abc import Collection

from functions.core.definition import FileSettings
from functions.core.near_names import composed


def snake_case(text: str) -> str:
    """The text in lower case, with underscores for spaces."""
    return text.strip().lower().replace(" ", "_")


def column_name(name: str, files: FileSettings) -> str:
    """The model's name for a column that a file calls `name`."""
    spelled = snake_case(name) if files.snake_case_columns else name.strip()
    return files.rename.get(known_form(spelled, files.rename), spelled)


def known_form(name: str, known: Collection[str]) -> str:
    """The name, or the known one of the same characters in another Unicode form: names on macOS have accents apart."""
    if name in known or name.isascii():
        return name
    form = composed(name)
    return next((one for one in known if composed(one) == form), name)


def model_column(name: str, files: FileSettings, known: Collection[str]) -> str:
    """The one of `known`, the model's columns, that a file calls `name`; for any other column its own spelling."""
    return known_form(column_name(name, files), known)


def column_in_file(wanted: str, found: Collection[str], files: FileSettings, known: Collection[str]) -> str | None:
    """The column of a file that is `wanted` in the spelling of the file or of the model; None if there is none.

    `found` are the file's columns by `model_column`.
    """
    forms = (known_form(one, found) for one in (wanted, model_column(wanted, files, known)))
    return next((one for one in forms if one in found), None)
