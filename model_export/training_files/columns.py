"""Match of the columns of a file to the columns of a model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from functions.core.definition import Definition, FileSettings
from functions.core.errors import FILE, Fault
from functions.core.near_names import NearNames, did_you_mean
from functions.core.schema import Feature, Schema
from functions.core.spelling import model_column
from model_export.training_files.faults import brief, file_fault, listed
from model_export.training_files.sheet import Cells, Sheet

ARROW = " -> "


@dataclass(frozen=True, slots=True)
class Matched:
    """The columns by the names of the model, without the ones that `faults` reports as missing."""

    columns: Cells
    notes: tuple[str, ...]
    faults: tuple[Fault, ...]


def match_columns(sheet: Sheet, definition: Definition) -> Matched:
    """The columns of the file that the model reads, joined or filled where the definition says so.

    Raises InvalidInputError if the first line of the file is no header.
    """
    files, schema = definition.files, definition.schema
    known = {*schema.column_names, *(part for parts in files.join.values() for part in parts)}
    spelled = [model_column(name, files, known) for name in sheet.header]
    _refuse_headerless(sheet, spelled, known, schema)
    by_name: dict[str, Sequence[Any]] = {}
    for name, column in zip(spelled, sheet.columns, strict=True):
        if name in known:  # a repeated column is a fault below, and its first cells are read
            by_name.setdefault(name, column)
    joined = _joined(by_name, files, is_text=sheet.is_text)
    by_name |= joined
    absent = [one.name for one in labelled(schema) if one.nullable and one.name not in by_name]
    by_name |= {name: [None] * sheet.rows for name in absent}
    faults = (*_repeated(spelled, known), *_missing(by_name, spelled, schema))
    return Matched(by_name, tuple(_notes(sheet, spelled, joined, absent, definition)), faults)


def labelled(schema: Schema) -> tuple[Feature, ...]:
    return schema.labelled


def _refuse_headerless(sheet: Sheet, spelled: Sequence[str], known: set[str], schema: Schema) -> None:
    if not sheet.is_text or any(map(NearNames(known).same_letters, spelled)):
        return
    if any(map(_is_number, sheet.header)):
        examples = ", ".join(brief(cell) for cell in sheet.header[:3])
        expected = listed(one.name for one in labelled(schema))
        raise file_fault(
            f"the first line looks like data ({examples}), so the file has no header: put the names of the columns "
            f"there, in the order of the cells; the model reads {expected}",
            "no_header",
        )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.strip().lower() not in ("nan", "inf", "infinity")


def _repeated(spelled: Sequence[str], known: set[str]) -> Iterator[Fault]:
    for name, count in Counter(spelled).items():
        if count > 1 and name in known:
            yield Fault((FILE, name), "the file has this column more than once", "repeated_column")


def _missing(found: Cells, spelled: Sequence[str], schema: Schema) -> Iterator[Fault]:
    seen = listed(name for name in spelled if name) or "none"
    absent = [feature.name for feature in labelled(schema) if feature.name not in found]
    meant = NearNames(name for name in spelled if name and name not in found).each(absent)
    for name, near in zip(absent, meant, strict=True):
        hint = did_you_mean(name, near) or f"it has {seen}"
        yield Fault((FILE, name), f"the file has no such column; {hint}", "missing")


def _joined(found: Cells, files: FileSettings, *, is_text: bool) -> Cells:
    """The columns that the file has only in parts; some of the parts may be absent."""
    made: dict[str, Sequence[Any]] = {}
    for name, names in files.join.items():
        parts = [found[part] for part in names if part in found]
        if name not in found and parts:
            made[name] = [_join(cells, files, is_text=is_text) for cells in zip(*parts, strict=True)]
    return made


def _join(cells: Sequence[Any], files: FileSettings, *, is_text: bool) -> Any:
    """The texts in the cells with a space between them; or a cell that is neither text nor missing."""
    texts = []
    for cell in cells:
        value = cell.strip() if isinstance(cell, str) else cell
        if value is None or (is_text and value in files.missing):
            continue
        if not isinstance(value, str):
            return value
        texts.append(value)
    return " ".join(texts) if texts else None


def _notes(
    sheet: Sheet, spelled: Sequence[str], joined: Cells, absent: Sequence[str], definition: Definition
) -> Iterator[str]:
    schema, files = definition.schema, definition.files
    parts = {part for name in joined for part in files.join[name]}
    used = {*schema.column_names, *parts}
    pairs = [(name, as_read) for name, as_read in zip(sheet.header, spelled, strict=True) if as_read]
    renamed = [f"{_shown(name)}{ARROW}{as_read}" for name, as_read in pairs if name != as_read and as_read in used]
    renamed += [f"{' + '.join(part for part in files.join[name] if part in spelled)}{ARROW}{name}" for name in joined]
    if renamed:
        yield f"columns read as: {listed(renamed)}"
    unused = [brief(name.strip()) for name, as_read in pairs if as_read not in used]
    if unused:
        yield f"columns not used: {listed(unused)}"
    yield from _unnamed(sheet, spelled)
    if absent:
        yield f"columns that the file lacks, read as missing values: {', '.join(absent)}"


def _shown(name: str) -> str:
    return name if name == name.strip() else brief(name)


def _unnamed(sheet: Sheet, spelled: Sequence[str]) -> Iterator[str]:
    """A note on columns without a name: spreadsheets leave empty ones, and a cell in one is likely misplaced."""
    columns = [column for name, column in zip(spelled, sheet.columns, strict=True) if not name]
    if columns:
        cells = [cell for column in columns for cell in column if str(cell or "").strip()]
        held = f" with {len(cells)} cells, such as {brief(str(cells[0]))}" if cells else ", all of them empty"
        yield f"columns without a name not used: {len(columns)}{held}"
