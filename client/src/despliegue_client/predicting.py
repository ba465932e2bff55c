"""Predictions of any number of rows, by as many requests as that takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from despliegue_client.api import Api, model_path
from despliegue_client.errors import ApiError, Fault, UnsendableError
from despliegue_client.exchange import Operation, Record, Together
from despliegue_client.json_values import json_rows
from despliegue_client.parts import cut, halves
from despliegue_client.tables import Frame, Predictions, Rows, Table

TOO_LARGE = 413
INVALID = 422
BODY = "body"


@dataclass(frozen=True, slots=True)
class _Part:
    """What became of some rows: predictions with the version that made them, or a refusal of the rows."""

    predictions: Sequence[Any] = ()
    warnings: Sequence[list[Fault]] = ()
    version: int | None = None
    refusal: ApiError | None = None


def predict(api: Api, model: str, data: Frame | Rows | Mapping[str, Any]) -> Operation[Predictions | Frame]:
    """Predictions in the order of the rows. Raises ApiError with the faults of all rows, at their places in `data`."""
    table = Table.of(data)
    predictions = yield from _predictions(api, model, table.rows)
    return table.answered(predictions)


def answer(
    api: Api, model: str, question: str | list[str], context: str | list[str]
) -> Operation[Record | Predictions]:
    """The answer to one question, or the answers to several; one question or context goes with all of the others."""
    if isinstance(question, str) and isinstance(context, str):
        found = yield from _predictions(api, model, list(json_rows([{"question": question, "context": context}])))
        single: Record = found[0]
        return single
    asked, texts = _paired(question, context)
    rows = [{"question": one, "context": text} for one, text in zip(asked, texts, strict=True)]
    return (yield from _predictions(api, model, list(json_rows(rows))))


def _paired(question: str | list[str], context: str | list[str]) -> tuple[list[str], list[str]]:
    if isinstance(question, str):
        return [question] * len(context), list(context)
    if isinstance(context, str):
        return list(question), [context] * len(question)
    if len(question) != len(context):
        raise UnsendableError(f"{len(question)} questions and {len(context)} contexts: give one of either, or as many")
    return list(question), list(context)


def _predictions(api: Api, model: str, rows: Sequence[bytes]) -> Operation[Predictions]:
    if not rows:
        return Predictions()
    limits = yield from api.limits_of(model)
    most_rows = min(limits["max_instances"], api.settings.rows_per_request or len(rows))
    parts = cut(rows, most_rows=most_rows, most_bytes=limits["max_payload_bytes"])
    operations = [_predicted(api, model, rows, places) for places in parts]
    done: list[list[_Part]] = yield Together(operations, api.settings.concurrency)
    return _joined([one for several in done for one in several])


def _predicted(api: Api, model: str, rows: Sequence[bytes], places: range) -> Operation[list[_Part]]:
    """What became of the rows at `places`; in halves where the server finds the request or its answer too large."""
    body = b"[" + b",".join(rows[places.start : places.stop]) + b"]"
    try:
        data = yield from api.change("POST", model_path(model, "predict"), body, is_repeatable=True)
    except ApiError as error:
        if error.status == TOO_LARGE and len(places) > 1:
            first, second = halves(places)
            before = yield from _predicted(api, model, rows, first)
            after = yield from _predicted(api, model, rows, second)
            return before + after
        if error.status == INVALID:
            return [_Part(refusal=_moved(error, places.start))]
        raise
    warnings = [list(map(Fault.of, found)) for found in data["warnings"]]
    return [_Part(data["predictions"], warnings, data["version"])]


def _joined(parts: Sequence[_Part]) -> Predictions:
    refusals = [part.refusal for part in parts if part.refusal is not None]
    if refusals:
        faults = [fault for refusal in refusals for fault in refusal.faults]
        raise ApiError(INVALID, faults, refusals[0].request)
    return Predictions(
        [one for part in parts for one in part.predictions],
        [one for part in parts for one in part.warnings],
        sorted({part.version for part in parts if part.version is not None}),
    )


def _moved(error: ApiError, start: int) -> ApiError:
    """The refusal of a part with the numbers that its rows have in the whole."""
    faults = [
        Fault((fault.loc[0], fault.loc[1] + start, *fault.loc[2:]), fault.msg, fault.type)
        if len(fault.loc) > 1 and fault.loc[0] == BODY and isinstance(fault.loc[1], int)
        else fault
        for fault in error.faults
    ]
    return ApiError(error.status, faults, error.request)
