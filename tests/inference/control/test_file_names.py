"""Names of files that clients announce."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from functions.core.uploads import FILE_ENDINGS
from functions.inference.control.file_names import FileName

NAMES: TypeAdapter[str] = TypeAdapter(FileName)


@pytest.mark.parametrize("name", ["rows.csv", "Rows-2026.01.JSONL", "a.json.gz", "1.csv"])
def test_a_file_of_rows_has_a_name(name: str) -> None:
    assert NAMES.validate_python(name) == name


@pytest.mark.parametrize("name", ["rows.pdf", "rows", "csv", "rows.csv.zip"])
def test_another_ending_is_refused_with_the_right_ones(name: str) -> None:
    with pytest.raises(ValidationError, match=FILE_ENDINGS):
        NAMES.validate_python(name)


@pytest.mark.parametrize("name", ["", ".csv", "_retry-2.json", "a/b.csv", "a b.csv", f"{'a' * 100}.csv", "a\n.csv"])
def test_what_is_no_plain_name_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        NAMES.validate_python(name)
