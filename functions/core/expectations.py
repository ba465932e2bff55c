"""Plain words for the expectation of an annotation, and for the value that was found instead."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from datetime import date, time
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from functions.core.errors import as_json

LONGEST_SHOWN = 60
WORDS: Mapping[Any, str] = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}
UNIONS = (Union, UnionType)
PLURALS: Mapping[Any, str] = {int: "whole numbers", float: "numbers", str: "texts", bool: "true or false"}


def bare_of(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """An annotation without its notes, and the notes."""
    return (hint.__origin__, hint.__metadata__) if get_origin(hint) is Annotated else (hint, ())


def without_none(hint: Any) -> Any:
    """The X of `X | None`; None for any other annotation."""
    if get_origin(hint) not in UNIONS or NoneType not in get_args(hint):
        return None
    return Union[tuple(one for one in get_args(hint) if one is not NoneType)]  # noqa: UP007


def metas_of(notes: Sequence[Any]) -> list[msgspec.Meta]:
    return [note for note in notes if isinstance(note, msgspec.Meta)]


def description_of(metas: Sequence[msgspec.Meta]) -> str | None:
    """The first description; it replaces the bounds in messages."""
    return next((meta.description for meta in metas if meta.description), None)


def leaves_of(hint: Any) -> set[Any]:
    """The annotations within unions and tuples of one."""
    bare = bare_of(hint)[0]
    inner = [one for one in get_args(bare) if one is not ...] if get_origin(bare) in (*UNIONS, tuple) else []
    return set().union(*map(leaves_of, inner)) if inner else {bare}


def expectation(hint: Any, notes: Sequence[Any] = ()) -> str:
    """The expectation of `Annotated[hint, *notes]` in words: a whole number of at least 1."""
    metas = metas_of(notes)
    return description_of(metas) or " ".join([_word(hint), *filter(None, map(_bounds, metas))])


def array_of(item: Any, least: int = 0) -> str:
    return f"an array of {_plural(item)}" + (f", at least {least}," if least else "")


def shown_value(value: object) -> str:
    """A value in the spelling of a person, cut after 60 characters."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, date | time):
        return f"the {type(value).__name__} {value}"
    if isinstance(value, Mapping):
        return "a section" if value else "an empty section"
    text = as_json(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def _word(hint: Any) -> str:
    if get_origin(hint) is Literal:
        values = ", ".join(map(str, get_args(hint)))
        return f"one of {values}" if len(get_args(hint)) > 1 else values
    if get_origin(hint) is tuple:
        return f"an array of {len(get_args(hint))} {_plural(get_args(hint)[0])}"
    if get_origin(hint) in UNIONS:
        return _either(get_args(hint))
    return WORDS.get(hint, str(hint))


def _either(hints: Sequence[Any]) -> str:
    return " or ".join(array_of(get_args(one)[0]) if get_origin(one) is tuple else _word(one) for one in _kinds(hints))


def _kinds(hints: Sequence[Any]) -> list[Any]:
    """The kinds of a union; whole numbers are left out where any number is accepted."""
    kinds = [bare_of(one)[0] for one in hints]
    return [one for one in kinds if not (one is int and float in kinds)]


def _plural(hint: Any) -> str:
    bare = bare_of(hint)[0]
    if get_origin(bare) in UNIONS:
        return " or ".join(map(_plural, _kinds(get_args(bare))))
    return PLURALS.get(bare, "sections" if is_dataclass(bare) or get_origin(bare) is Mapping else "values")


def _bounds(meta: msgspec.Meta) -> str:
    if meta.ge is not None and meta.le is not None:
        return f"from {meta.ge} to {meta.le}"
    words = {"greater than": meta.gt, "of at least": meta.ge, "less than": meta.lt, "of at most": meta.le}
    limits = " and ".join(f"{word} {bound}" for word, bound in words.items() if bound is not None)
    return f"{limits}that is not empty" if meta.min_length else limits
