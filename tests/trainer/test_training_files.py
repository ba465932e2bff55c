"""Training files as people have them, from their arrival to the end of their job."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from functions.core.clock import now
from functions.core.definition import Definition
from functions.core.jobs import Job
from functions.core.uploads import Arrival
from functions.local.home import Home
from functions.trainer.worker import Worker

Handle = Callable[..., Job]
READ_AS = "columns read as: "
NULL = "must not be null"
TRAINED: dict[str, tuple[str, ...]] = {
    "appended_rows.csv": (),
    "reordered_columns_2016.csv": (),
    "truncated_99.csv": (),
    "renamed_columns.csv": (
        f"{READ_AS}Name -> name, Year -> year, Selling_Price -> selling_price, Km_Driven -> km_driven, "
        "Fuel_Type -> fuel, Seller_Type -> seller_type, Transmission -> transmission, Owner -> owner",
    ),
    "empty_trailing_columns.csv": (
        f"{READ_AS}Name -> name, Year -> year",
        "columns without a name not used: 4 with 9 cells, such as 'Business Queries'",
    ),
    "currency_strings.csv": (
        f"{READ_AS}' km_driven ' -> km_driven",
        "columns not used: 'Year Grouping'",
        "km_driven: ',' separates thousands ('70,000' is 70000)",
        "selling_price: ',' separates thousands ('?60,000' is 60000), "
        "'?' is read as a currency sign that was lost ('?60,000' is 60000)",
    ),
    "owner_numeric.csv": (
        "owner: '0', '1' are among words such as 'Fourth & Above Owner'; each is kept as its own level",
    ),
}
REFUSED: dict[str, list[dict[str, Any]]] = {
    "headerless_encoded.csv": [
        {
            "loc": ["file"],
            "msg": "the first line looks like data ('2007', '70000', '1'), so the file has no header: put the names of "
            "the columns there, in the order of the cells; the model reads name, year, km_driven, fuel, seller_type, "
            "transmission, owner, selling_price",
            "type": "no_header",
        }
    ],
    "nan_injected.csv": [
        {"loc": ["line", 4, "seller_type"], "msg": NULL, "type": "string_type"},
        {"loc": ["line", 6, "transmission"], "msg": NULL, "type": "string_type"},
        {"loc": ["line", 10, "year"], "msg": NULL, "type": "integer_type"},
    ],
}


@pytest.fixture
def handle(home: Home, definitions: Mapping[str, Definition], monkeypatch: pytest.MonkeyPatch) -> Handle:
    """The job of a file that was dropped into the uploads of a model, with a trainer that takes 96 MB."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "2048")

    def run(body: bytes, name: str = "rows.csv", model: str = "car-price") -> Job:
        key = f"uploads/{model}/{name}"
        home.uploads.write(key, body)
        job = Worker(definitions, home.registry, home.uploads).handle(Arrival(key, "1", now()))
        assert job is not None
        return job

    return run


@pytest.fixture
def sample(definitions: Mapping[str, Definition]) -> Callable[[str], bytes]:
    return lambda model: (definitions[model].folder / "sample.csv").read_bytes()


class TestVariantsOfTheCarTable:
    """Copies of one public table as they were found, each damaged in its own way."""

    @pytest.mark.parametrize("name", sorted(TRAINED))
    def test_readable_files_are_trained_on_with_notes(self, handle: Handle, real_data: Path, name: str) -> None:
        job = handle((real_data / "cars/variants" / name).read_bytes(), name)
        assert (job.state, job.errors, job.notes) == ("succeeded", (), TRAINED[name])

    @pytest.mark.parametrize("name", sorted(REFUSED))
    def test_what_cannot_is_refused_with_every_reason(self, handle: Handle, real_data: Path, name: str) -> None:
        job = handle((real_data / "cars/variants" / name).read_bytes(), name)
        assert (job.state, list(job.errors), job.notes) == ("refused", REFUSED[name], ())

    def test_none_of_them_is_left_out(self, real_data: Path) -> None:
        assert {path.name for path in (real_data / "cars/variants").glob("*.csv")} == {*TRAINED, *REFUSED}


def rewritten(body: bytes, separator: str) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=separator).writerows(csv.reader(io.StringIO(body.decode(), newline="")))
    return written.getvalue().encode()


def spanish(body: bytes) -> bytes:
    """The table as Excel saves it in Spain: semicolons, decimal commas, Windows-1252."""
    table = list(csv.DictReader(io.StringIO(body.decode(), newline="")))
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, list(table[0]), delimiter=";")
    writer.writeheader()
    for row in table:
        price = f"{float(row['selling_price']):,.2f} €".translate(str.maketrans(",.", ".,"))
        writer.writerow({**row, "selling_price": price})
    return written.getvalue().encode("cp1252")


class TestFormsOfTheSample:
    @pytest.mark.parametrize(
        ("name", "change", "notes"),
        [
            ("rows.csv.gz", gzip.compress, ("the file was unpacked with gzip",)),
            ("rows.csv", gzip.compress, ("the file was unpacked with gzip",)),
            ("rows.csv.gz", bytes, ("the file's name ends in .gz, but it is not compressed",)),
            ("rows.csv", lambda body: b"\xef\xbb\xbf" + body, ()),
            ("rows.csv", lambda body: body.decode().encode("utf-16"), ("the file is read as UTF-16",)),
            ("rows.csv", lambda body: rewritten(body, "\t"), ("cells are separated by tabs",)),
        ],
        ids=["gzip", "gzip by content", "unpacked", "mark", "UTF-16", "tabs"],
    )
    def test_it_is_the_same_table(
        self,
        handle: Handle,
        home: Home,
        sample: Callable[[str], bytes],
        name: str,
        change: Callable[[bytes], bytes],
        notes: tuple[str, ...],
    ) -> None:
        job = handle(change(sample("car-price")), name)
        assert (job.state, job.errors, job.notes) == ("succeeded", (), notes)
        first, second = (home.registry.manifest("car-price", version).data for version in (1, 2))
        assert first is not None
        assert second is not None
        assert first.digest == second.digest

    def test_a_spreadsheet_from_spain_is_read(self, handle: Handle, home: Home, sample: Callable[[str], bytes]) -> None:
        job = handle(spanish(sample("car-price")))
        assert job.state == "succeeded"
        assert job.notes[:2] == (
            "the file is not UTF-8 and was read as Windows-1252, such as 'Škoda'",
            "cells are separated by semicolons",
        )
        (note,) = job.notes[2:]
        assert note.startswith("selling_price: '.' separates thousands (")
        assert "',' is the decimal mark (" in note
        assert "'€' is left out (" in note
        metrics = [home.registry.manifest("car-price", version).metrics["mae"] for version in (1, 2)]
        assert metrics[1] == pytest.approx(metrics[0], rel=0.5)  # prices are neither a hundred times as high nor as low


def rows_of(body: bytes, count: int) -> bytes:
    return b"\n".join(body.split(b"\n")[: count + 1])


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        (lambda body: rows_of(body, 0), [([], "too_short")]),
        (lambda body: rows_of(body, 3), [([], "too_short")]),
        (lambda body: gzip.compress(body)[:-20], [(["file"], "gzip_invalid")]),
        (lambda body: gzip.compress(b"\0" * 101_000_000, 1), [(["file"], "too_large")]),
        (lambda body: b"PK\x03\x04 xl/workbook.xml", [(["file"], "file_type")]),
        (lambda body: body.replace(b"2", b"\0", 1), [(["file"], "nul_byte")]),
        (lambda body: body.replace(b",Petrol,", b',"Petrol,', 1), [(["file"], "csv_invalid")]),
        (lambda body: body.replace(b",Petrol,", b",=A1,", 1), [(["line", 2, "fuel"], "formula")]),
        (lambda body: body.replace(b"year,", b"y\xe4r,", 1), [(["file"], "encoding")]),
        (lambda body: body.replace(b"year,", b"age,", 1), [(["file", "year"], "missing")]),
    ],
    ids=["header", "three rows", "truncated", "bomb", "workbook", "NUL", "quote", "formula", "damaged", "renamed"],
)
def test_files_that_cannot_be_trained_on_end_as_refused(
    handle: Handle,
    home: Home,
    sample: Callable[[str], bytes],
    change: Callable[[bytes], bytes],
    errors: list[tuple[list[Any], str]],
) -> None:
    header, *rows = sample("car-price").decode().splitlines()
    rows.sort(key=lambda row: ",Petrol," not in row)
    job = handle(change("\n".join([header, *rows]).encode()))
    assert job.state == "refused"
    assert [(error["loc"], error["type"]) for error in job.errors] == errors
    assert all(len(error["msg"]) < 250 for error in job.errors)
    assert home.registry.versions("car-price") == [1]


def test_one_class_is_nothing_to_learn_from(handle: Handle, sample: Callable[[str], bytes]) -> None:
    header, *rows = sample("churn").decode().splitlines()
    stayed = [row for row in rows if row.endswith(",No")]
    assert len(stayed) > 20
    job = handle("\n".join([header, *stayed]).encode(), model="churn")
    assert (job.state, job.reason) == (
        "refused",
        "churn: all training rows have 'no': a classifier needs at least two classes",
    )
