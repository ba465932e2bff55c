"""Currency signs, and the question marks that lost ones leave."""

from __future__ import annotations

import pytest

from model_export.training_files.currency import Amount, amounts, currency_fault


@pytest.mark.parametrize(
    ("text", "core", "sign"),
    [
        ("₹60,000", "60,000", "₹"),
        ("60 €", "60", "€"),
        ("-$5", "-5", "$"),
        ("$-6", "-6", "$"),
        ("$ 7", "7", "$"),
        ("+ £8", "+8", "£"),
        ("9", "9", ""),
    ],
)
def test_a_sign_is_taken_off_its_number(text: str, core: str, sign: str) -> None:
    assert amounts([text], is_negative=True) == {text: Amount(core, sign)}


@pytest.mark.parametrize("text", ["", "-", "$", "$ -", "$abc", "$$5", "-$-5", "5 USD"])
def test_a_text_that_is_no_amount_is_left_whole(text: str) -> None:
    assert amounts([text], is_negative=True) == {text: Amount(text)}


@pytest.mark.parametrize("sign", ["?", "\ufffd"])
def test_a_question_mark_is_a_lost_sign_only_before_every_number_that_is_never_negative(sign: str) -> None:
    texts = [f"{sign}60", f"{sign}70"]
    assert amounts(texts, is_negative=False) == {texts[0]: Amount("60", sign), texts[1]: Amount("70", sign)}
    assert amounts(texts, is_negative=True) == {text: Amount(text) for text in texts}
    assert amounts([*texts, "80"], is_negative=False)[texts[0]] == Amount(texts[0])


def test_a_lost_sign_leaves_the_known_signs_of_its_column_alone() -> None:
    assert amounts(["?60", "$70", "80"], is_negative=False)["$70"] == Amount("70", "$")


def test_the_meaning_of_a_sign_is_put_in_words() -> None:
    assert Amount("60", "€").meaning == "'€' is left out"
    assert Amount("60", "?").meaning == "'?' is read as a currency sign that was lost"


def test_two_currencies_are_one_fault_and_one_currency_is_none() -> None:
    assert currency_fault(amounts(["$5", "7", "$6"], is_negative=True)) is None
    assert currency_fault(amounts(["$5", "6 €", "7", "£8"], is_negative=True)) == (
        "'$5' and '6 €' are amounts in different currencies: bring them to one",
        "mixed_currencies",
    )


def test_a_percent_sign_is_left_out_where_every_number_has_one() -> None:
    assert amounts(["12,5 %", "-3%"], is_negative=True) == {"12,5 %": Amount("12,5", "%"), "-3%": Amount("-3", "%")}
    assert amounts(["12 %", "0.3"], is_negative=True) == {"12 %": Amount("12 %"), "0.3": Amount("0.3")}
    assert Amount("12,5", "%").meaning == "'%' is left out"
