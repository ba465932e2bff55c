"""Currency signs beside numbers."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LOST = "?\ufffd"


@dataclass(frozen=True, slots=True)
class Amount:
    """`core` is the text without its currency `sign`, which is empty where there is none."""

    core: str
    sign: str = ""

    @property
    def meaning(self) -> str:
        return (
            f"{self.sign!r} is taken for a currency sign that was lost"
            if self.sign in LOST
            else f"{self.sign!r} is left out"
        )


def amounts(texts: Sequence[str], *, is_negative: bool) -> dict[str, Amount]:
    """The texts taken apart.

    A '?' is what a program leaves of a sign that its encoding lacks: ₹60,000 becomes ?60,000. It is taken for one
    only if it stands before every number of the column: before some of them it may well be a doubt. And only in a
    feature that is never negative, because a typographic minus (U+2212) ends as the same '?'.
    """
    found = {text: _amount(text) for text in texts}
    lost = [amount for amount in found.values() if amount.sign and amount.sign in LOST]
    if lost and (is_negative or len(lost) < len(found)):
        return {text: Amount(text) if amount.sign in LOST else amount for text, amount in found.items()}
    return found


def currency_fault(found: Mapping[str, Amount]) -> tuple[str, str] | None:
    """Amounts in two currencies are no column of numbers."""
    examples: dict[str, str] = {}
    for text, amount in found.items():
        if amount.sign:
            examples.setdefault(amount.sign, text)
    if len(examples) < 2:
        return None
    shown = " and ".join(repr(text[:60]) for text in list(examples.values())[:2])
    return f"{shown} are amounts in different currencies: bring them to one", "mixed_currencies"


def _amount(text: str) -> Amount:
    minus, rest = (text[0], text[1:].lstrip()) if text[:1] in ("+", "-") else ("", text)
    if rest[:1] and (rest[0] in LOST or _is_currency(rest[0])):
        sign, rest = rest[0], rest[1:].lstrip()
    elif rest and _is_currency(rest[-1]):
        sign, rest = rest[-1], rest[:-1].rstrip()
    else:
        return Amount(text)
    is_number = rest.lstrip("+-")[:1].isdecimal() and not (minus and rest[:1] in ("+", "-"))
    return Amount(f"{minus}{rest}", sign) if is_number else Amount(text)


def _is_currency(character: str) -> bool:
    return unicodedata.category(character) == "Sc"
