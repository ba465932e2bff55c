"""Columns of numbers in many spellings, and the ambiguous ones."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.cell_values import Unreadable
from functions.core.schema import FeatureType
from model_export.training_files.numbers import ReadNumbers, read_numbers


def read(*texts: str, kind: FeatureType = "number", separator: str = ",", is_negative: bool = True) -> ReadNumbers:
    return read_numbers(texts, kind, separator=separator, is_negative=is_negative)


def values(*texts: str, **options: Any) -> list[Any]:
    found = read(*texts, **options)
    assert found.doubt is None
    return [found.values[text] for text in texts]


def kinds(*texts: str, **options: Any) -> list[str]:
    """The kind of fault of each cell, empty for a number."""
    return [one.fault[1] if isinstance(one, Unreadable) else "" for one in values(*texts, **options)]


class TestDeclaredMark:
    @pytest.mark.parametrize("separator", [",", ";"])
    @pytest.mark.parametrize("kind", ["number", "integer"])
    def test_it_decides_where_the_cells_leave_it_open(self, kind: FeatureType, separator: str) -> None:
        texts = ("1.077 €", "676 €", "-12.500 €")
        found = read_numbers(texts, kind, separator=separator, decimal=",")
        assert found.values == {"1.077 €": 1077, "676 €": 676, "-12.500 €": -12500}
        assert found.how == "'.' separates thousands ('1.077 €' is 1077), '€' is left out ('1.077 €' is 1077)"
        pointed = read_numbers(texts, "number", separator=separator, decimal=".")
        assert pointed.values == {"1.077 €": 1.077, "676 €": 676, "-12.500 €": -12.5}

    @pytest.mark.parametrize(
        ("decimal", "texts", "expected"),
        [
            (",", ("70.500",), [70500]),
            (".", ("70,500",), [70500]),
            (",", ("70,500", "1.234.567,5"), [70.5, 1234567.5]),
            (",", ("12", "-3"), [12, -3]),
            (".", ("70.500", "1e3"), [70.5, 1000]),
        ],
    )
    def test_a_plain_column_is_read_with_it_too(self, decimal: Any, texts: tuple[str, ...], expected: Any) -> None:
        found = read_numbers(texts, "number", separator=";", decimal=decimal)
        assert list(found.values.values()) == expected

    def test_a_cell_with_the_other_mark_is_refused_by_name(self) -> None:
        found = read_numbers(("29.85", "3,5"), "number", separator=",", decimal=",")
        assert found.values["29.85"] == Unreadable(
            ("'29.85' is not a number with decimals after ',', as [files] decimal says", "number_parsing")
        )
        assert found.values["3,5"] == 3.5

    def test_the_refusal_of_a_doubt_names_the_setting(self) -> None:
        doubt = read("1.077 €", "676 €", separator=";").doubt
        assert doubt is not None
        assert doubt[0].startswith("'1.077 €' may be 1077 or 1.077, and no other cell of the column decides which: ")
        assert '[files] decimal = "," or "." in model.toml, --decimal of `despliegue new`' in doubt[0]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("texts", [("1", "-2", "+3"), ("1.5", "-2e3", ".5"), ("29.85", "1.000")])
def test_what_python_reads_is_read_without_a_word(texts: tuple[str, ...], separator: str) -> None:
    assert read(*texts, separator=separator) == ReadNumbers({text: float(text) for text in texts})


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("1,234,567", "70,500"), [1234567, 70500]),
        (("1,20,000", "70,500"), [120000, 70500]),
        (("12,34,567.50", "-70,500"), [1234567.5, -70500]),
        (("1,234.5", "70,500"), [1234.5, 70500]),
        (("29.85", "70,500"), [29.85, 70500]),
        (("70,5", "1.234"), [70.5, 1234]),
        (("1.234,56", "+2.000"), [1234.56, 2000]),
        (("1.234.567", "70.500"), [1234567, 70500]),
        (("0,250", "70,500"), [0.25, 70.5]),
        ((",5", "70,500"), [0.5, 70.5]),
        (("1 234", "5"), [1234, 5]),
        (("1 234 567,5", "70,500"), [1234567.5, 70.5]),
        (("1\u00a0234", "1\u202f234", "1\u2019234.5"), [1234, 1234, 1234.5]),
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_cell_that_can_be_read_in_one_way_decides(
    texts: tuple[str, ...], expected: list[float], separator: str
) -> None:
    assert values(*texts, separator=separator) == expected
    assert values(*reversed(texts), separator=separator) == expected[::-1]
    assert read(*texts, separator=separator).how


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("texts", [("70,500",), ("70,000", "1"), ("-1,250", "2,375")])
def test_a_comma_before_three_digits_alone_is_a_doubt(texts: tuple[str, ...], separator: str) -> None:
    found = read(*texts, separator=separator)
    assert found.values == {}
    assert found.doubt is not None
    assert found.doubt[1] == "ambiguous_number"


def test_a_doubt_is_reported_with_both_readings() -> None:
    message = "'70,500' may be 70.5 or 70500, and no other cell of the column decides which: "
    advice = "write numbers without thousands separators and with a decimal point"
    doubt = read("1", "70,500").doubt
    assert doubt is not None
    assert (doubt[0].startswith(message + advice), doubt[1]) == (True, "ambiguous_number")


def test_a_point_before_three_digits_is_decimal_between_commas_and_a_doubt_elsewhere() -> None:
    assert read("70.500", "1.250") == ReadNumbers({"70.500": 70.5, "1.250": 1.25})
    for separator in ";\t|":
        assert read("70.500", "1.250", separator=separator).doubt
        assert values("70.500", "1.25", separator=separator) == [70.5, 1.25]


class TestWholeNumbers:
    def test_a_comma_before_three_digits_separates_thousands(self) -> None:
        for separator in ",;":
            assert values("70,000", "1", "1,20,000", kind="integer", separator=separator) == [70000, 1, 120000]

    def test_they_stay_whole(self) -> None:
        assert {type(value) for value in values("70,000", "1", "-5 000", kind="integer")} == {int}

    def test_a_point_before_three_zeros_is_a_doubt(self) -> None:
        for separator in ",;":
            assert read("70.000", "5.000", kind="integer", separator=separator).doubt
            assert values("70.000", "2014.000", kind="integer", separator=separator) == [70, 2014]

    def test_a_point_before_three_other_digits_separates_thousands(self) -> None:
        assert values("70.000", "70.500", kind="integer") == [70000, 70500]

    @pytest.mark.parametrize("texts", [("70,5", "1"), ("2.5", "1")])
    def test_decimals_are_left_to_the_schema(self, texts: tuple[str, str]) -> None:
        assert values(*texts, kind="integer")[0] == pytest.approx(float(texts[0].replace(",", ".")), abs=0)


def test_a_cell_that_goes_against_its_column_is_refused() -> None:
    assert kinds("29.85", "30.10", "29,85") == ["", "", "number_parsing"]
    assert kinds("29,85", "30,10", "29.85") == ["", "", "number_parsing"]
    (*_, odd) = values("29.85", "30.10", "29,85")
    assert odd.fault[0] == "'29,85' is not a number with decimals after '.', as in other cells of the column"


@pytest.mark.parametrize(
    "text",
    [
        "1,2,3",
        "12,34",
        "1,23,45",
        "01,234",
        "1,234,56",
        "1.234.56",
        "1 23",
        "12 3456",
        "1_000",
        "- 5",
        "+-5",
        "٣,٤",
        "5%",
    ],
)
def test_what_follows_no_rule_is_no_number(text: str) -> None:
    assert kinds(text, "29.85") == ["number_parsing", ""]


@pytest.mark.parametrize("text", ["=1+1", "=SUM(A1:A3)", "@SUM(1)", "+cmd|' /C calc'!A0", "-A1", '=HYPERLINK("x")'])
@pytest.mark.parametrize("kind", ["integer", "number"])
def test_a_formula_is_reported_as_one(text: str, kind: FeatureType) -> None:
    assert kinds("1", text, kind=kind) == ["", "formula"]


class TestCurrencies:
    @pytest.mark.parametrize(
        ("texts", "expected"),
        [
            (("₹60,000", "₹1,20,000"), [60000, 120000]),
            (("$1,234.50", "-$5", "$-6", "$ 7"), [1234.5, -5, -6, 7]),
            (("60 €", "1.234,50 €", "5"), [60, 1234.5, 5]),
        ],
    )
    def test_one_sign_is_left_out(self, texts: tuple[str, ...], expected: list[float]) -> None:
        assert values(*texts) == expected
        assert read(*texts).how

    def test_two_signs_are_no_column(self) -> None:
        assert read("$5", "6 €", "7").doubt == (
            "'$5' and '6 €' are amounts in different currencies: bring them to one",
            "mixed_currencies",
        )

    @pytest.mark.parametrize("text", ["$", "$ -", "$abc", "$$5", "-$-5", "5 USD", "€5€"])
    def test_a_sign_without_a_number_is_refused(self, text: str) -> None:
        assert kinds("1", text) == ["", "number_parsing"]

    @pytest.mark.parametrize("sign", ["?", "\ufffd"])
    def test_a_lost_sign_before_every_number_is_left_out(self, sign: str) -> None:
        texts = (f"{sign}60,000", f"{sign}1,240,000")
        assert values(*texts, is_negative=False) == [60000, 1240000]
        assert "is read as a currency sign that was lost" in read(*texts, is_negative=False).how

    def test_a_question_mark_may_be_a_lost_minus(self) -> None:
        assert kinds("?3.70", "?3.71") == ["number_parsing"] * 2

    def test_a_question_mark_before_some_numbers_may_be_a_doubt(self) -> None:
        assert kinds("?60", "70", is_negative=False) == ["number_parsing", ""]

    def test_a_question_mark_after_a_number_is_a_doubt(self) -> None:
        assert kinds("60?", is_negative=False) == ["number_parsing"]


def test_every_change_is_noted_with_an_example() -> None:
    assert read("1", "70,000", kind="integer").how == "',' separates thousands ('70,000' is 70000)"
    assert read("1.234,5 €").how == (
        "'.' separates thousands ('1.234,5 €' is 1234.5), ',' is the decimal mark ('1.234,5 €' is 1234.5), "
        "'€' is left out ('1.234,5 €' is 1234.5)"
    )
    assert read("1 234", "29.85").how == "spaces separate thousands ('1 234' is 1234)"


whole = st.integers(-(10**9), 10**9)


@given(st.lists(whole, min_size=1, unique=True), st.sampled_from([",", ";"]))
def test_thousands_never_change_the_size_of_whole_numbers(numbers: list[int], separator: str) -> None:
    texts = [f"{number:,}" for number in numbers]
    assert values(*texts, kind="integer", separator=separator) == numbers


@given(st.lists(st.decimals(-(10**7), 10**7, places=3), min_size=1, unique=True), st.sampled_from([",", ";"]))
def test_decimal_commas_are_read_right_or_not_at_all(numbers: list[Any], separator: str) -> None:
    texts = [f"{number:,}".translate(str.maketrans(",.", ".,")) for number in numbers]
    found = read(*texts, separator=separator)
    if found.doubt is None:
        assert found.values == {text: float(number) for text, number in zip(texts, numbers, strict=True)}
