"""The HTTP of the peers: paths, bodies made from ours, and the predictions in their answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


def _as_is(body: bytes) -> bytes:
    return body


def rows_of(body: bytes) -> list[dict[str, Any]]:
    """The instances of a body, which holds one or a list of them."""
    found = json.loads(body)
    return found if isinstance(found, list) else [found]


def under(name: str) -> Callable[[Any], list[float]]:
    """The numbers under a name, of one answer or of a list of them."""

    def values(answer: Any) -> list[float]:
        return [float(row[name]) for row in (answer if isinstance(answer, list) else [answer])]

    return values


@dataclass(frozen=True, slots=True)
class Wire:
    """A peer's HTTP: the path for one row and for a batch, its body for ours, and the values in its answer.

    A peer that answers labels alone has `is_label`, and 1.0 and 0.0 for its values.
    """

    values: Callable[[Any], list[float]]
    one: str = "/predict"
    batch: str = "/predict/batch"
    body: Callable[[bytes], bytes] = _as_is
    is_label: bool = False


def v2_tensors(body: bytes) -> bytes:
    """A tensor for each column, as the Open Inference Protocol has them."""
    rows = rows_of(body)
    inputs = []
    for name in rows[0]:
        values = [row[name] for row in rows]
        is_text = isinstance(values[0], str)
        kind = "BYTES" if is_text else "FP64"
        tensor = {"name": name, "datatype": kind, "shape": [len(rows), 1], "data": values}
        inputs.append({**tensor, "parameters": {"content_type": "str"}} if is_text else tensor)
    asked = {"parameters": {"content_type": "pd"}, "inputs": inputs, "outputs": [{"name": "predict_proba"}]}
    return json.dumps(asked).encode()


def named(name: str) -> Callable[[bytes], bytes]:
    """A body with all rows as a list under a name."""

    def body(found: bytes) -> bytes:
        return json.dumps({name: rows_of(found)}).encode()

    return body


def columns(body: bytes) -> bytes:
    """One instance that holds all rows by columns: KServe makes a DataFrame of each instance."""
    rows = rows_of(body)
    return json.dumps({"instances": [{name: [row[name] for row in rows] for name in rows[0]}]}).encode()


def second_column(rows: Sequence[Sequence[float]]) -> list[float]:
    return [float(row[1]) for row in rows]
