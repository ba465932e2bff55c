"""Files and rows to train on or to predict."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from despliegue_client.errors import ApiError, UnsendableError
from despliegue_client.sources import FileSource, RowSource, source_of, unless_too_large

from tests.client.scripted import Script, api, ok, refused


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


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="SKIPPED: root may read everything")
def test_a_file_that_may_not_be_read_is_refused_with_its_path_and_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("a\n1\n")
    file.chmod(0o000)
    with pytest.raises(UnsendableError, match=r"rows\.csv: cannot be read: Permission denied"):
        source_of(file)


def test_only_a_request_that_is_too_large_has_no_answer() -> None:
    assert Script([refused(413)]).play(unless_too_large(api().get("/models"))) is None
    assert Script([ok({"job": "j"})]).play(unless_too_large(api().get("/models"))) == {"job": "j"}
    with pytest.raises(ApiError, match="422"):
        Script([refused(422)]).play(unless_too_large(api().get("/models")))
