"""Files and rows to train on or to predict."""

from __future__ import annotations

import hashlib
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


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("customers (1).csv", "customers-1-.csv"),
        ("Ventas enero.CSV", "Ventas-enero.CSV"),
        ("años.csv", "an-os.csv"),
        ("日本.jsonl.gz", "rows.jsonl.gz"),
        ("_a-b.2026.json", "a-b.2026.json"),
        ("my rows.parquet", "my-rows.parquet"),
        ("x" * 120 + ".jsonl.gz", "x" * 80 + ".jsonl.gz"),
        ("table 1.xlsx", "table-1.xlsx"),
    ],
)
def test_a_file_is_sent_under_a_name_that_the_api_takes_and_with_its_ending(
    tmp_path: Path, name: str, sent: str
) -> None:
    file = tmp_path / name
    file.write_text("a\n1\n")
    source = source_of(file)
    assert isinstance(source, FileSource)
    assert (source.name, source.path) == (sent, file)
    form = source.form_file({"fields": {}})
    assert (form.name, form.content) == (sent, file)


def test_rows_that_are_sent_as_a_file_have_a_name_that_only_the_same_rows_have() -> None:
    first, second, again = (source_of([{"id": 1, "a": value}]) for value in ("x", "y", "x"))
    assert first.name == "rows-" + hashlib.sha256(b'{"id":1,"a":"x"}\n').hexdigest()[:16] + ".jsonl"
    assert first.name == again.name != second.name
    assert source_of([{"a": 1}, {"b": 2}]).name != source_of([{"b": 2}, {"a": 1}]).name


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
