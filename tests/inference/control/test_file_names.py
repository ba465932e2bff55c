"""Names of files that clients announce."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from functions.core.uploads import BATCH_FILE_ENDING, BATCH_FILE_ENDINGS, FILE_ENDING, FILE_ENDINGS
from functions.inference.control.file_names import PLAIN_NAMES, BatchFileName, FileName

NAMES: TypeAdapter[str] = TypeAdapter(FileName)
BATCH_NAMES: TypeAdapter[str] = TypeAdapter(BatchFileName)


@pytest.mark.parametrize("name", ["rows.csv", "Rows-2026.01.JSONL", "a.json.gz", "1.csv"])
def test_a_file_of_rows_has_a_name(name: str) -> None:
    assert NAMES.validate_python(name) == name


@pytest.mark.parametrize("name", ["rows.pdf", "rows", "csv", "rows.csv.zip"])
def test_another_ending_is_refused_with_the_right_ones(name: str) -> None:
    with pytest.raises(ValidationError, match=FILE_ENDINGS):
        NAMES.validate_python(name)


@pytest.mark.parametrize("name", ["rows.csv", "rows.json.gz", "Rows.Parquet"])
def test_a_file_to_predict_may_be_parquet(name: str) -> None:
    assert BATCH_NAMES.validate_python(name) == name


@pytest.mark.parametrize("name", ["rows.pdf", "rows.parquet.gz", "parquet"])
def test_another_ending_of_a_file_to_predict_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match=BATCH_FILE_ENDINGS):
        BATCH_NAMES.validate_python(name)


def test_no_training_reads_parquet() -> None:
    with pytest.raises(ValidationError, match=FILE_ENDINGS):
        NAMES.validate_python("rows.parquet")


@pytest.mark.parametrize(
    "name", ["", ".csv", "_retry-2.json", "a/b.csv", "a b.csv", f"{'a' * 100}.csv", "a\n.csv", "a.csv\n", "años.csv"]
)
@pytest.mark.parametrize("names", [NAMES, BATCH_NAMES])
def test_what_is_no_plain_name_is_refused_in_words(names: TypeAdapter[str], name: str) -> None:
    with pytest.raises(ValidationError) as caught:
        names.validate_python(name)
    (fault,) = caught.value.errors()
    assert (fault["type"], fault["msg"]) == ("string_pattern_mismatch", PLAIN_NAMES)


def test_the_schema_of_a_name_has_its_rule_as_a_pattern() -> None:
    for names, ends in ((NAMES, FILE_ENDING), (BATCH_NAMES, BATCH_FILE_ENDING)):
        assert names.json_schema() == {"type": "string", "pattern": f"^[A-Za-z0-9][A-Za-z0-9._-]{{0,90}}{ends}"}
