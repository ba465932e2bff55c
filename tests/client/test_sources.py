"""Files and rows to train on or to predict."""

from __future__ import annotations

from pathlib import Path

import pytest

from despliegue_client.errors import UnsendableError
from despliegue_client.sources import FileSource, RowSource, source_of


def test_a_text_and_a_path_are_files(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("a\n1\n")
    for given in (file, str(file)):
        source = source_of(given)
        assert isinstance(source, FileSource)
        assert (source.name, source.form_file({"fields": {}}).content) == ("rows.csv", file)


def test_rows_are_sent_as_json_lines_where_a_request_cannot_hold_them() -> None:
    source = source_of([{"a": 1}, {"a": "ñ"}])
    assert isinstance(source, RowSource)
    assert source.form_file({"fields": {}}).content == '{"a":1}\n{"a":"ñ"}\n'.encode()
    assert source.fits(2_000)
    assert not source.fits(1_000)


def test_a_file_that_is_not_there_and_no_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsendableError, match="no such file"):
        source_of(tmp_path / "rows.csv")
    with pytest.raises(UnsendableError, match="no row to send"):
        source_of([])
