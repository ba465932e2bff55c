"""Models, their versions, and which one is in production."""

from __future__ import annotations

from collections.abc import Sequence

from despliegue_client.api import Api, model_path
from despliegue_client.errors import UnsendableError
from despliegue_client.exchange import Operation, Record
from despliegue_client.json_values import json_value

MOST_IDS = 100
"""The ids that one lookup may ask for."""


def models(api: Api) -> Operation[list[Record]]:
    found = yield from api.get("/models")
    entries: list[Record] = found["models"]
    return entries


def promote(api: Api, model: str, version: int, *, pin: bool) -> Operation[Record]:
    return (yield from api.change("PUT", model_path(model, "production"), {"version": version, "pin": pin}))


def roll_back(api: Api, model: str, *, pin: bool) -> Operation[Record]:
    """Put the version back that was in production before the present one. Raises UnsendableError if there is none."""
    current = yield from api.get(model_path(model, "production"))
    if current["previous"] is None:
        raise UnsendableError(f"{model}: version {current['version']} is the first in production, none was before it")
    return (yield from promote(api, model, current["previous"], pin=pin))


def lookup(api: Api, model: str, ids: Sequence[str | int]) -> Operation[list[Record | None]]:
    """The stored prediction of each id, in order; None for an id that the batch lacks."""
    if isinstance(ids, str):
        raise UnsendableError("give a list of ids, also for a single one")
    # a column of a frame may give scalars of numpy
    asked = [json_value(one) for one in ids]
    found: list[Record | None] = []
    for start in range(0, len(asked), MOST_IDS):
        wanted = {"ids": asked[start : start + MOST_IDS]}
        data = yield from api.change("POST", model_path(model, "predictions"), wanted, is_repeatable=True)
        found += data["predictions"]
    return found
