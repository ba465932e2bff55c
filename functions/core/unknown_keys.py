"""Unknown keys of an object that a client sent, no more than an answer lists: a body may have a million of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import islice
from typing import Any

from functions.core.errors import MAX_FAULTS


def unknown_keys(given: Mapping[str, Any], known: Collection[str]) -> list[str]:
    """The first keys that are not `known`, in the order of the object."""
    return list(islice((name for name in given if name not in known), MAX_FAULTS))


def with_few_unknown(given: Mapping[str, Any], known: Collection[str]) -> dict[str, Any]:
    """The object without the unknown keys that no answer lists, for those who make a fault for each key."""
    kept = {*known, *unknown_keys(given, known)}
    return {name: value for name, value in given.items() if name in kept}
