"""The spelling of columns and texts in files, brought to that of the model as `[files]` of model.toml says."""

from __future__ import annotations

from functions.core.definition import FileSettings


def snake_case(text: str) -> str:
    """The text in lower case, with underscores for spaces."""
    return text.strip().lower().replace(" ", "_")


def column_name(name: str, files: FileSettings) -> str:
    """The model's name for a column that a file calls `name`."""
    spelled = snake_case(name) if files.snake_case_columns else name.strip()
    return files.rename.get(spelled, spelled)
