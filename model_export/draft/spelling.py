"""Spelling of columns, levels and missing values: in the table, and in the data of the pipeline."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from functions.core.definition import FileSettings
from functions.core.errors import FILE, Fault, InvalidInputError
from functions.core.near_names import composed, did_you_mean, nearest, normal
from functions.core.spelling import column_name, snake_case
from model_export.draft.columns import MISSING_TEXTS, TableColumn
from model_export.draft.estimator import Facts
from model_export.training_files.faults import listed, readable_name, refuse_if_any
from model_export.training_files.sheet import Cells

NO_VALUES: Mapping[str, Mapping[str, str]] = {}


def spelling_of(
    cells: Cells,
    facts: Facts | None,
    rename: Mapping[str, str],
    rename_values: Mapping[str, Mapping[str, str]] = NO_VALUES,
) -> FileSettings:
    """The changes that bring files to the model: the renames, and snake case if the pipeline was fitted on it.

    `rename` maps names of the table to new ones, `rename_values` values of the model's columns. Values that the
    pipeline knows in another spelling are renamed too. Raises InvalidInputError for a name that the table lacks.
    """
    known = {name.strip() for name in cells}
    unknown = [name for name in rename if name.strip() not in known]
    if unknown:
        raise InvalidInputError([Fault((FILE, unknown[0]), _no_such_column(cells, unknown[0]), "missing")])
    plain = FileSettings(
        rename={name.strip(): other for name, other in rename.items()},
        rename_values={name: dict(values) for name, values in rename_values.items()},
    )
    if facts is None or facts.columns is None:
        return plain
    snake = replace(plain, snake_case_columns=True, rename={snake_case(name): other for name, other in rename.items()})
    plain_names, respelled_names = (
        {column_name(name, files): cells[name] for name in cells} for files in (plain, snake)
    )
    in_columns = not set(facts.columns) <= plain_names.keys() and set(facts.columns) <= respelled_names.keys()
    files, columns = (snake, respelled_names) if in_columns else (plain, plain_names)
    files = replace(files, snake_case_values=_knows_snake_case(facts.levels, columns))
    spell = snake_case if files.snake_case_values else str
    respelled = {
        name: {**_other_spellings(columns[name], levels, spell), **files.rename_values.get(name, {})}
        for name, levels in facts.levels.items()
        if name in columns
    }
    changed = {name: values for name, values in respelled.items() if values}
    return replace(files, rename_values={**files.rename_values, **changed})


def _other_spellings(cells: Iterable[Any], levels: frozenset[str], spell: Callable[[str], str]) -> dict[str, str]:
    """The texts that are no levels, each with the one level that differs in case, spaces or as 3 from 3.0 alone.

    `spell` is what happens to every text of a file anyway.
    """
    texts = {text: spell(text) for text in _texts_of(cells)}
    free = levels.difference(texts.values())
    found: dict[str, str] = {}
    for text, spelled in texts.items():
        alike = [level for level in free if _is_alike(text, level)] if spelled not in levels else []
        if len(alike) == 1:
            found[text] = alike[0]
    return found


def _texts_of(cells: Iterable[Any]) -> list[str]:
    """The distinct values of a column as a category would have them, without missing ones."""
    texts = (_as_text(cell) for cell in cells)
    return [text for text in dict.fromkeys(texts) if text is not None and text not in MISSING_TEXTS]


def _is_alike(text: str, level: str) -> bool:
    return normal(text) == normal(level) or (_number(text) is not None and _number(text) == _number(level))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _as_text(cell: Any) -> str | None:
    if cell is None or isinstance(cell, list | dict):
        return None
    return cell.strip() if isinstance(cell, str) else str(cell)


def _knows_snake_case(levels_by_name: Mapping[str, frozenset[str]], columns: Cells) -> bool:
    """Return True if snake case makes more values of the table levels of the pipeline, and fewer in no column."""
    gains = []
    for name, levels in levels_by_name.items():
        texts = {value.strip() for value in columns.get(name, ()) if isinstance(value, str)}
        gains.append(len(levels & set(map(snake_case, texts))) - len(levels & texts))
    return max(gains, default=0) > 0 <= min(gains)


def respelled(cells: Cells, files: FileSettings, dates: Collection[str] = ()) -> Cells:
    """The table after the changes of `files` to its columns and cells; columns of `dates` hold no texts to spell.

    Raises InvalidInputError if two columns get one name.
    """
    sources: dict[str, list[str]] = {}
    for name in cells:
        sources.setdefault(column_name(name, files), []).append(name)
    refuse_if_any(
        Fault(
            (FILE, name),
            f"{listed(map(readable_name, names))} all become {readable_name(name)}: rename one",
            "repeated_column",
        )
        for name, names in sources.items()
        if name and len(names) > 1
    )
    by_name = {name: cells[names[-1]] for name, names in sources.items()}
    for name, values in files.rename_values.items():
        if name in by_name:
            by_name[name] = [values.get(_as_text(cell) or "", cell) for cell in by_name[name]]
    if not files.snake_case_values:
        return by_name
    return {
        name: values if name in dates else [_snake_cell(cell) for cell in values] for name, values in by_name.items()
    }


def names_in_models(cells: Cells, rename: Mapping[str, str]) -> frozenset[str]:
    """All names that columns of the table may have in a model: unchanged, in snake case, renamed."""
    names = [name.strip() for name in cells]
    return frozenset([*names, *map(snake_case, names), *rename.values()])


def find_column(name: str, cells: Cells) -> str:
    """`name` if the table has such a column; raises InvalidInputError that suggests another if not."""
    if name in cells:
        return name
    same = [one for one in cells if composed(one) == composed(name)]
    if same:
        return same[0]
    raise InvalidInputError([Fault((FILE, name), _no_such_column(cells, name), "missing")])


def words_for_missing(cells: Cells, columns: Mapping[str, TableColumn], *, is_text: bool) -> tuple[str, ...]:
    """Texts that mean a missing value in every file, and the further ones that occur in this table.

    A table of JSON, which `is_text` is not, has null for these: a word that occurs there is a value, in every file.
    """
    present = {cell.strip() for name in columns for cell in cells.get(name, ()) if isinstance(cell, str)}
    usual = FileSettings().missing
    if not is_text:
        return tuple(text for text in usual if not text or text not in present)
    return (*usual, *(text for text in MISSING_TEXTS if text in present and text not in usual))


def _no_such_column(cells: Cells, name: str) -> str:
    hint = did_you_mean(name, nearest(name, cells)) or f"it has {listed(map(readable_name, cells))}"
    return f"the file has no such column; {hint}"


def _snake_cell(cell: Any) -> Any:
    return snake_case(cell) if isinstance(cell, str) and cell.strip() not in MISSING_TEXTS else cell
