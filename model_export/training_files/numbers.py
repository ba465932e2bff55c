"""Numbers as people and spreadsheets write them: 70,000 and 1,20,000, 70.000,5 and 70 000, with or without a currency.

A point or comma may precede decimals or separate thousands, so 70,500 may be two numbers. A column with other signs
than a decimal point is read only if its own cells leave no doubt which of the two is meant:

- a cell with only one reading (1,234,567 or 1,20,000 or 1,234.5 or 29.85; 70,5 or 1.234,5) decides
  for the column;
- whole numbers have no decimals, so a comma and three digits (70,000) separate thousands in a feature of type integer.
  The point does not: programs that write every number with three decimals write 70 as 70.000;
- in a file with commas between its cells, a point is the decimal point: programs that write such files use no other.

Any other column is refused, with both readings. A declared decimal mark decides for every column instead. Spaces and
apostrophes before three digits can only separate thousands.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from functions.core.cell_values import Unreadable
from functions.core.definition import DecimalMark
from functions.core.schema import FeatureType, written
from model_export.training_files.currency import Amount, amounts, currency_fault
from model_export.training_files.faults import brief

Number = int | float
POINT, COMMA = ".", ","
# Groups of three digits, or of two before the last three, as in India: 12,34,567.
WITH_POINT = re.compile(r"(?:\d+|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d{2})+,\d{3})(?:\.\d*)?", re.ASCII)
WITH_COMMA = re.compile(r"(?:\d+|[1-9]\d{0,2}(?:\.\d{3})+)(?:,\d+)?|,\d+", re.ASCII)
# Spaces (also no-break, thin and narrow ones) and apostrophes, as in France and Switzerland; one kind in a number.
SPACED = re.compile(r"[1-9]\d{0,2}([ \u00a0\u2009\u202f'\u2019])\d{3}(?:\1\d{3})*(?:[.,]\d+)?", re.ASCII)
# What spreadsheets run as a formula.
FORMULA = re.compile(r"[=@]|[+-][A-Za-z(]")


@dataclass(frozen=True, slots=True)
class ReadNumbers:
    """The value of each text; `how` is empty if Python reads the texts alike, `doubt` is the reason if none is read."""

    values: dict[str, Number | Unreadable]
    how: str = ""
    doubt: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class _Written:
    """A cell's amount and its plain spelling under each decimal mark that it allows."""

    amount: Amount
    spellings: dict[str, str]

    @property
    def is_decisive(self) -> bool:
        """True if it has a mark that only one of the readings explains."""
        return len(self.spellings) == 1 and (POINT in self.amount.core or COMMA in self.amount.core)

    @property
    def is_doubtful(self) -> bool:
        return len(set(self.spellings.values())) > 1


def read_numbers(
    texts: Sequence[str],
    kind: FeatureType,
    *,
    separator: str,
    is_negative: bool = True,
    decimal: DecimalMark | None = None,
) -> ReadNumbers:
    """Read the distinct texts of a column, stripped, as numbers of a feature of type `kind`.

    `separator` is between the cells of the file; `is_negative` means that the feature may have negative numbers;
    `decimal` is the declared decimal mark of the file, None if its cells show it.
    """
    plain = _plain(texts, kind)
    if plain is not None and _points_are_decimal(texts, kind, separator, decimal):
        return ReadNumbers(dict(zip(texts, plain, strict=True)))
    signed = amounts(texts, is_negative=is_negative)
    fault = currency_fault(signed)
    if fault is not None:
        return ReadNumbers({}, doubt=fault)
    cells = {text: _Written(amount, _spellings(amount.core, kind)) for text, amount in signed.items()}
    mark = decimal or _mark(cells.values(), kind, separator)
    if mark is None:
        return ReadNumbers({}, doubt=_doubt(cells))
    reason = "as [files] decimal says" if decimal else "as in other cells of the column"
    values = {text: _value(text, cell, mark, kind, reason) for text, cell in cells.items()}
    return ReadNumbers(values, how=_how(cells, values, mark))


def _plain(texts: Sequence[str], kind: FeatureType) -> list[Number] | None:
    """The numbers, if Python reads every text as one."""
    try:
        if any("_" in text for text in texts):  # only Python reads 1_000
            return None
        return [_number(text, kind) for text in texts]
    except ValueError:
        return None


def _number(text: str, kind: FeatureType) -> Number:
    is_whole = kind == "integer" and text.lstrip("+-").isdecimal()
    return int(text) if is_whole else float(text)


def _points_are_decimal(
    texts: Iterable[str], kind: FeatureType, separator: str, decimal: DecimalMark | None = None
) -> bool:
    if decimal is not None:
        return decimal == POINT or not any(POINT in text for text in texts)
    if kind == "number" and separator == COMMA:
        return True
    pointed = [text.lstrip("+-") for text in texts if POINT in text]
    return not pointed or any(not WITH_COMMA.fullmatch(text) for text in pointed)


def _spellings(core: str, kind: FeatureType) -> dict[str, str]:
    sign, digits = (core[0], core[1:]) if core[:1] in ("+", "-") else ("", core)
    spellings = _spaced(digits) or _unspaced(digits)
    # Of two readings of a whole number, one with decimals is wrong.
    if kind == "integer" and len(set(spellings.values())) > 1:
        whole = {mark: spelling for mark, spelling in spellings.items() if not spelling.partition(POINT)[2].strip("0")}
        spellings = whole or spellings
    return {mark: f"{sign}{spelling}" for mark, spelling in spellings.items()}


def _spaced(digits: str) -> dict[str, str]:
    match = SPACED.fullmatch(digits)
    if match is None:
        return {}
    joined = digits.replace(match.group(1), "")
    marks = [mark for mark in (POINT, COMMA) if mark in joined] or [POINT, COMMA]
    return {mark: joined.replace(COMMA, POINT) for mark in marks}


def _unspaced(digits: str) -> dict[str, str]:
    spellings = {}
    if _is_plain(digits):
        spellings[POINT] = digits
    elif WITH_POINT.fullmatch(digits):
        spellings[POINT] = digits.replace(COMMA, "")
    if WITH_COMMA.fullmatch(digits):
        spellings[COMMA] = digits.replace(POINT, "").replace(COMMA, POINT)
    return spellings


def _is_plain(digits: str) -> bool:
    try:
        float(digits)
    except ValueError:
        return False
    return "_" not in digits and digits[:1] not in ("+", "-")


def _mark(cells: Iterable[_Written], kind: FeatureType, separator: str) -> str | None:
    """The decimal mark of this column, None if its cells leave it open."""
    votes: Counter[str] = Counter()
    doubtful: set[str] = set()
    for cell in cells:
        if cell.is_decisive:
            votes.update(list(cell.spellings))
        elif cell.is_doubtful:
            doubtful.add(COMMA if COMMA in cell.amount.core else POINT)
    if votes:
        return max((POINT, COMMA), key=votes.__getitem__)
    is_thousands = kind == "integer" and doubtful == {COMMA}
    is_decimals = kind == "number" and separator == COMMA and doubtful == {POINT}
    return POINT if not doubtful or is_thousands or is_decimals else None


def _doubt(cells: dict[str, _Written]) -> tuple[str, str]:
    text, cell = next((text, cell) for text, cell in cells.items() if cell.is_doubtful)
    first, second = (written(float(cell.spellings[mark])) for mark in (COMMA, POINT))
    return (
        f"{text!r} may be {first} or {second}, and no other cell of the column decides which: "
        "write numbers without thousands separators and with a decimal point, or declare the mark: [files] decimal = "
        '"," or "." in model.toml, --decimal of `despliegue new`',
        "ambiguous_number",
    )


def _value(text: str, cell: _Written, mark: str, kind: FeatureType, reason: str) -> Number | Unreadable:
    if mark in cell.spellings:
        return _number_or_fault(cell.spellings[mark], text, kind)
    if FORMULA.match(text):
        return Unreadable((f"{text[:60]!r} is a formula and no number: save the file with its values", "formula"))
    other = f" with decimals after {mark!r}, {reason}" if cell.spellings else ""
    return Unreadable((f"{text[:60]!r} is not a number{other}", f"{kind}_parsing"))


def _number_or_fault(spelling: str, text: str, kind: FeatureType) -> Number | Unreadable:
    try:
        return _number(spelling, kind)
    except ValueError:  # more digits than Python converts
        return Unreadable((f"{text[:60]!r} is not a number", f"{kind}_parsing"))


def _how(cells: dict[str, _Written], values: dict[str, Number | Unreadable], mark: str) -> str:
    """The changes made to the texts, with an example of each; empty if there are none."""
    examples: dict[str, str] = {}
    for text, cell in cells.items():
        value = values[text]
        if not isinstance(value, Unreadable):
            for what in _changes(cell, mark):
                examples.setdefault(what, f"{what} ({brief(text)} is {written(value)})")
    return ", ".join(examples.values())


def _changes(cell: _Written, mark: str) -> list[str]:
    core = cell.amount.core
    changes = []
    other = COMMA if mark == POINT else POINT
    if other in core:
        changes.append(f"{other!r} separates thousands")
    elif not set(core) <= set("+-.,0123456789") and not _is_plain(core.lstrip("+-")):
        changes.append("spaces separate thousands")
    if mark == COMMA and COMMA in core:
        changes.append("',' is the decimal mark")
    if cell.amount.sign:
        changes.append(cell.amount.meaning)
    return changes
