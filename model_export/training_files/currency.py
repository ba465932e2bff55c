"""Currency and percent signs before and after numbers."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LOST = "?\ufffd"
PERCENT = "%"


@dataclass(frozen=True, slots=True)
class Amount:
    """A text without its currency or percent sign, and the sign, which is empty if there is none."""

    core: str
    sign: str = ""

    @property
    def meaning(self) -> str:
        return (
            f"{self.sign!r} is read as a currency sign that was lost"
            if self.sign in LOST
            else f"{self.sign!r} is left out"
        )


def amounts(texts: Sequence[str], *, is_negative: bool) -> dict[str, Amount]:
    """The texts divided into a sign and a number.

    A program leaves '?' for a sign that its encoding lacks: ₹60,000 becomes ?60,000. It is read as a currency sign
    only if it precedes every number of the column, because before some of them it may mean a doubt, and only in a
    feature that is never negative, because a typographic minus (U+2212) is replaced by the same '?'. A percent sign is
    left out only if every number has one: beside others it would be another unit.
    """
    signed = {text: _amount(text) for text in texts}
    if any(amount.sign == PERCENT for amount in signed.values()) and {one.sign for one in signed.values()} != {PERCENT}:
        signed = {text: Amount(text) if amount.sign == PERCENT else amount for text, amount in signed.items()}
    lost = [amount for amount in signed.values() if amount.sign and amount.sign in LOST]
    if lost and (is_negative or len(lost) < len(signed)):
        return {text: Amount(text) if amount.sign in LOST else amount for text, amount in signed.items()}
    return signed


def currency_fault(found: Mapping[str, Amount]) -> tuple[str, str] | None:
    """The fault of a column with amounts in two currencies, None for any other."""
    examples: dict[str, str] = {}
    for text, amount in found.items():
        if amount.sign:
            examples.setdefault(amount.sign, text)
    if len(examples) < 2:
        return None
    both = " and ".join(repr(text[:60]) for text in list(examples.values())[:2])
    return f"{both} are amounts in different currencies: bring them to one", "mixed_currencies"


def _amount(text: str) -> Amount:
    # The sign of the number may precede or follow the currency sign: -$5 and $-5.
    minus, rest = (text[0], text[1:].lstrip()) if text[:1] in ("+", "-") else ("", text)
    if rest[:1] and (rest[0] in LOST or _is_currency(rest[0])):
        sign, rest = rest[0], rest[1:].lstrip()
    elif rest and (rest[-1] == PERCENT or _is_currency(rest[-1])):
        sign, rest = rest[-1], rest[:-1].rstrip()
    else:
        return Amount(text)
    is_number = rest.lstrip("+-")[:1].isdecimal() and not (minus and rest[:1] in ("+", "-"))
    return Amount(f"{minus}{rest}", sign) if is_number else Amount(text)


def _is_currency(character: str) -> bool:
    return unicodedata.category(character) == "Sc"
