"""The page's own rules for numbers, tables and programs, called in the browser as the page calls them."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from functions.inference.control.playground.page import FOLDER
from tests.clients.sites import site_running
from tests.playground.browser import browser_running

Call = Callable[..., Any]
CALLED = """async ([module, name, given]) => {
    const found = (await import(`/${module}.js`))[name](...given);
    return found instanceof Map ? [...found] : found;
}"""
NUMBER = {
    "name": "price",
    "kind": "number",
    "types": ["number"],
    "isNullable": False,
    "isRequired": True,
    "options": [],
}
NULLABLE = {**NUMBER, "types": ["number", "null"], "isNullable": True}
LEVELS = {**NUMBER, "name": "fuel", "kind": "choice", "types": ["string"], "options": ["Petrol", "year-long"]}
SIGNED = {**LEVELS, "options": ["A+", "B+", "AB+", "C++", "<=50", "18-25", "Café"]}
AS_THEY_ARE = {"snake_case_columns": False, "rename": {}, "join": {}}
IN_SNAKE_CASE = {"snake_case_columns": True, "rename": {"fuel_type": "fuel"}, "join": {"text": ["title", "summary"]}}


@pytest.fixture(scope="module")
def call() -> Iterator[Call]:
    """call(module, function, *arguments): what a function of a module returns, in a browser of Spain."""
    with site_running() as site, browser_running(site.origin) as browser, browser.opened(language="es") as opened:
        site.folder = FOLDER
        site.pages["/empty.html"] = "<!doctype html>"
        opened.page.goto(f"{site.origin}/empty.html")
        yield lambda module, name, *given: opened.page.evaluate(CALLED, [module, name, list(given)])


@pytest.mark.parametrize(
    ("text", "locale", "number"),
    [
        ("1.077,5", "es-ES", 1077.5),
        ("1077,5", "es-ES", 1077.5),
        ("1.077", "es-ES", 1077),
        ("1.5", "es-ES", 1.5),
        ("0.500", "es-ES", 0.5),
        ("-3", "es-ES", -3),
        ("\N{MINUS SIGN}3", "es-ES", -3),
        ("1 077,5", "fr-FR", 1077.5),
        ("1,077.5", "en-GB", 1077.5),
        ("1,077", "en-GB", 1077),
        ("1,5", "en-GB", 1.5),
        (".5", "en-GB", 0.5),
        ("2e3", "en-GB", 2000),
        ("", "en-GB", None),
        ("1.2.3", "en-GB", None),
        ("1,2,3", "en-GB", None),
        ("12 €", "es-ES", None),
        ("0x10", "en-GB", None),
        ("Infinity", "en-GB", None),
    ],
)
def test_a_number_is_read_as_its_locale_writes_it(call: Call, text: str, locale: str, number: float | None) -> None:
    assert call("numbers", "readNumber", text, locale) == number


@pytest.mark.parametrize("value", [0, 1.5, -0.25, 1234567.125, 1e-7, 1e21, 0.1])
@pytest.mark.parametrize("locale", ["es-ES", "en-GB", "de-CH", "fr-FR", "ar-EG", "ar-SA", "fa-IR"])
def test_a_number_that_is_filled_in_reads_back(call: Call, value: float, locale: str) -> None:
    assert call("numbers", "readNumber", call("numbers", "typed", value, locale), locale) == value


@pytest.mark.parametrize(
    ("text", "header", "rows", "lines", "separator"),
    [
        ("a,b\n1,2\n", ["a", "b"], [["1", "2"]], [2], ","),
        ("a;b\r\n1,5;2\r\n", ["a", "b"], [["1,5", "2"]], [2], ";"),
        ("\ufeffa\tb\n1\t2", ["a", "b"], [["1", "2"]], [2], "\t"),
        ('a,b\n"x, y","say ""hi"""\n', ["a", "b"], [["x, y", 'say "hi"']], [2], ","),
        ('a,b\n"two\r\nlines",2\n3,4\n', ["a", "b"], [["two\r\nlines", "2"], ["3", "4"]], [2, 3], ","),
        ("a\n1\n\n2\n", ["a"], [["1"], ["2"]], [2, 4], ","),
        ("\n\r\na;b\n;\n1;2\n", ["a", "b"], [["1", "2"]], [5], ";"),
        ("a,b\n1,\n,2", ["a", "b"], [["1", ""], ["", "2"]], [2, 3], ","),
        ("a,b\r1,2\r", ["a", "b"], [["1", "2"]], [2], ","),
        ('"a;b",c\n1,2', ["a;b", "c"], [["1", "2"]], [2], ","),
        ("", [], [], [], ","),
    ],
)
def test_a_table_is_read_whatever_its_separator_with_the_lines_of_a_spreadsheet(
    call: Call, text: str, header: list[str], rows: list[list[str]], lines: list[int], separator: str
) -> None:
    read = call("csv", "readCsv", text)
    assert read == {"header": header, "rows": rows, "lines": lines, "separator": separator}


@pytest.mark.parametrize(
    ("name", "text", "header", "rows", "lines"),
    [
        ("r.csv", "a;b\n1;2\n", ["a", "b"], [["1", "2"]], [2]),
        (
            "r.json",
            '[{"a": 1.5, "b": null}, {"c": true}]',
            ["a", "b", "c"],
            [["1.5", "", ""], ["", "", "true"]],
            [1, 2],
        ),
        ("r.JSON", '{"instances": [{"a": {"b": 1}}]}', ["a"], [['{"b":1}']], [1]),
        ("r.jsonl", '{"__proto__": "x"}\n\n{"a": "y"}\n', ["__proto__", "a"], [["x", ""], ["", "y"]], [1, 3]),
    ],
)
def test_a_file_of_rows_is_a_table_whatever_its_kind(
    call: Call, name: str, text: str, header: list[str], rows: list[list[str]], lines: list[int]
) -> None:
    found = call("row_file", "tableOfText", text, name)
    assert (found["header"], found["rows"], found["lines"]) == (header, rows, lines)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_that_is_written_reads_back(call: Call, separator: str) -> None:
    rows = [["a", "b", "c"], ["1,5;\t", 'quo"te', "two\r\nlines"], ["", " ", "é"]]
    read = call("csv", "readCsv", call("csv", "writeCsv", rows, separator))
    assert [read["header"], *read["rows"]] == rows


@pytest.mark.parametrize(
    ("cell", "field", "decimal", "value"),
    [
        ("1.077,5", NUMBER, ",", 1077.5),
        ("1,077.5", NUMBER, ".", 1077.5),
        ("1.5", NUMBER, ".", 1.5),
        ("1,20,000", NUMBER, ".", 120_000),
        ("1 234,5", NUMBER, ",", 1234.5),
        ("-1.250", NUMBER, ",", -1250),
        ("0,5", NUMBER, ".", "0,5"),
        ("3,14", NUMBER, ".", "3,14"),
        ("40.4168", NUMBER, ",", "40.4168"),
        ("1.5e3", NUMBER, ",", "1.5e3"),
        ("12 34", NUMBER, ".", "12 34"),
        ("many", NUMBER, ".", "many"),
        ("", NULLABLE, ".", None),
        ("NaN", NULLABLE, ".", None),
        ("petrol", LEVELS, ".", "Petrol"),
        ("Year Long", LEVELS, ".", "year-long"),
        ("YEAR - LONG", LEVELS, ".", "year-long"),
        ("Hydrogen", LEVELS, ".", "Hydrogen"),
        ("ab+", SIGNED, ".", "AB+"),
        ("cafe\u0301", SIGNED, ".", "Café"),
        ("A-", SIGNED, ".", "A-"),
        ("C#", SIGNED, ".", "C#"),
        (">50", SIGNED, ".", ">50"),
        ("1825", SIGNED, ".", "1825"),
        ("sí", {**NUMBER, "kind": "boolean", "types": ["boolean"]}, ".", True),
        ("1", {**NUMBER, "kind": "choice", "types": ["integer"], "options": [0, 1]}, ".", 1),
        ("1", {**NUMBER, "kind": "string", "types": ["string"]}, ".", "1"),
    ],
)
def test_a_cell_becomes_a_value_of_its_field(call: Call, cell: str, field: Any, decimal: str, value: Any) -> None:
    assert call("columns", "valueOf", cell, field, decimal) == value


@pytest.mark.parametrize(
    ("rows", "decimal"),
    [
        ([["1.5"], ["2"]], "."),
        ([["1,5"], ["2"]], ","),
        ([["1,077.5"]], "."),
        ([["1.077,5"]], ","),
        ([["12"]], "."),
        ([["1,250"]], "."),
        ([["1.250", "0,5"], ["2.500", "0,75"]], ","),
        ([["1,250", "0.5"], ["2,500", "0.75"]], "."),
        ([["1.250.000", "7"]], ","),
        ([["1,20,000", "7"]], "."),
    ],
)
def test_the_decimal_sign_follows_from_the_numbers(call: Call, rows: list[list[str]], decimal: str) -> None:
    places = [[{**NUMBER, "name": str(place)}, place] for place in range(len(rows[0]))]
    assert call("columns", "decimalSign", rows, places) == decimal


def test_columns_are_found_by_their_name_however_it_is_spelled(call: Call) -> None:
    fields = [{**NUMBER, "name": name} for name in ("seniorcitizen", "año_construcción", "id")]
    header = ["Año Construcción".encode().decode(), "SeniorCitizen", "notes"]
    found = call("columns", "matched", header, fields, AS_THEY_ARE)
    assert [field["name"] for field in found["lacking"]] == ["id"]
    assert found["left"] == ["notes"]


@pytest.mark.parametrize(
    ("files", "lacking", "left"),
    [
        (AS_THEY_ARE, ["fuel", "km_driven", "text"], ["km-driven", "Fuel Type", "Title", "summary"]),
        (IN_SNAKE_CASE, ["km_driven"], ["km-driven"]),
    ],
)
def test_a_file_for_the_server_has_the_columns_that_the_server_finds(
    call: Call, files: Any, lacking: list[str], left: list[str]
) -> None:
    names = ("año", "fuel", "km_driven", "text")
    fields = [{**NUMBER, "name": name} for name in names]
    header = ["km-driven", "Fuel Type", "Title", "summary", " an\u0303o "]
    found = call("columns", "matchedByServer", header, fields, files)
    assert [field["name"] for field in found["lacking"]] == lacking
    assert found["left"] == left
    nullable = [{**field, "isNullable": True, "isRequired": False} for field in fields]
    assert call("columns", "unread", header, nullable, files) == [["km-driven", "km_driven"]]


BODY = {
    "a'b": 'x"y$(id)`id`\\',
    "none": None,
    "yes": True,
    "list": [1, False, {"é😀": 0.5}],
    "line": "1\n2\u2028",
    "#(lf)": "#",
}


def test_the_programs_send_what_the_form_sends(call: Call) -> None:
    programs = call("snippets", "snippets", "http://host/models/x/predict", BODY, False)
    words = subprocess.run(
        ["sh", "-c", programs["curl"].replace("curl", "printf '%s\\0'", 1)], capture_output=True, check=True
    ).stdout.split(b"\0")
    assert json.loads(words[words.index(b"-d") + 1]) == BODY
    row = next(one.value for one in ast.parse(programs["Python"]).body if isinstance(one, ast.Assign))
    assert ast.literal_eval(row) == BODY
    compile(programs["pandas"], "pandas", "exec")
    given = next(one.value for one in ast.parse(programs["Python client"]).body if isinstance(one, ast.Assign))
    assert ast.literal_eval(given) == BODY
    text = re.search(r'Row = "((?:[^"]|"")*)",', programs["Excel, Power BI"])
    assert text is not None
    assert json.loads(text[1].replace('""', '"').replace("#(#)(", "#(")) == BODY
    quoted = re.search(r'req_body_raw\((".*"), "application/json"\)', programs["R"])
    assert quoted is not None
    assert json.loads(json.loads(quoted[1])) == BODY


def test_a_program_never_holds_the_token(call: Call) -> None:
    programs = call("snippets", "snippets", "http://host/models/x/predict", {}, True)
    assert "$TOKEN" in programs["curl"]
    assert "os.environ['TOKEN']" in programs["Python"]
    assert 'token=os.environ["TOKEN"]' in programs["Python client"]
    assert "process.env.TOKEN" in programs["JavaScript"]
    assert all("token" in program.lower() for program in programs.values())


def test_a_file_is_uploaded_under_a_name_that_the_api_takes(call: Call) -> None:
    assert call("retrain", "plainName", "Mis ventas (año 2026).CSV") == "Mis-ventas-an-o-2026-.CSV"
    assert call("retrain", "plainName", "日本.jsonl.gz") == "rows.jsonl.gz"


@pytest.mark.parametrize(
    ("name", "sent"),
    [("mayo.tsv", "mayo.csv"), ("mayo.TXT", "mayo.csv"), ("a.txt.csv", "a.txt.csv"), ("a.parquet", "a.parquet")],
)
def test_a_table_of_any_separator_is_sent_as_csv(call: Call, name: str, sent: str) -> None:
    assert call("batches", "sentName", name) == sent


def test_the_places_of_an_answer_count_code_points(call: Call) -> None:
    assert call("answers", "cutAt", "😀a😀b", 1, 3) == ["😀", "a😀", "b"]


def test_a_varied_feature_takes_its_levels_or_steps_over_its_range(call: Call) -> None:
    year = {**NUMBER, "kind": "integer", "range": [2018, 2020]}
    day = {**NUMBER, "kind": "day", "range": ["2024-01-01", "2024-01-03"]}
    assert call("what_if", "valuesOf", year, 41) == [2018, 2019, 2020]
    assert call("what_if", "valuesOf", LEVELS, 41) == LEVELS["options"]
    assert call("what_if", "valuesOf", day, 3) == ["2024-01-01", "2024-01-02", "2024-01-03"]
    assert call("what_if", "valuesOf", {**NUMBER, "range": None, "minimum": None, "maximum": None}, 41) == []


@pytest.mark.parametrize(
    ("least", "greatest", "ticks"),
    [
        (0.02, 0.97, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (134_000, 671_000, [0, 200_000, 400_000, 600_000, 800_000]),
        (-3, 4, [-4, -2, 0, 2, 4]),
        (5, 5, [4.4, 4.6, 4.8, 5, 5.2, 5.4, 5.6]),
        (0, 0, [-1, -0.5, 0, 0.5, 1]),
    ],
)
def test_an_axis_has_round_numbers_around_its_values(
    call: Call, least: float, greatest: float, ticks: list[float]
) -> None:
    assert call("charts", "roundTicks", least, greatest) == ticks
