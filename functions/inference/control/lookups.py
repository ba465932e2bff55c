"""Routes for lookups: predictions of the batch that answers by the id of their row, and which batch that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, StrictStr
from starlette.concurrency import run_in_threadpool

from functions.core.column_check import whole
from functions.core.errors import ConflictError, DamagedRecordError, NotFoundError
from functions.core.lookups import StoredPrediction, answering_batch, let_answer
from functions.core.validator import ID_RANGE
from functions.inference.control import responses as shapes
from functions.inference.control.context import Batching, Control, request_actor
from functions.inference.control.declarations import answers, takes
from functions.inference.control.options import read_options
from functions.inference.envelope import answer
from functions.inference.openapi import CHANGED, FOUND

MOST_IDS = 100
WholeNumber = Annotated[StrictInt, Field(ge=ID_RANGE[0], le=ID_RANGE[1])]


class WantedIds(BaseModel):
    """The ids to look up, as texts or whole numbers."""

    model_config = ConfigDict(extra="forbid")
    ids: Annotated[
        list[Annotated[StrictStr | WholeNumber, BeforeValidator(whole)]], Field(min_length=1, max_length=MOST_IDS)
    ]


class AnswerFrom(BaseModel):
    """The batch from which lookups shall be answered."""

    model_config = ConfigDict(extra="forbid")
    batch: StrictStr


@dataclass(frozen=True, slots=True)
class Answer:
    """The batch that answers, as it has ended."""

    batch: str
    version: int
    time: str


class AnsweringBatches:
    """The batch that answers for each model.

    It has succeeded and changes no more, so it is read once: a lookup reads the pointer and the store alone.
    """

    def __init__(self, batching: Batching) -> None:
        self._batching = batching
        self._known: dict[str, Answer] = {}

    def now(self, model: str) -> Answer:
        """Raises NotFoundError before any batch answers."""
        found = answering_batch(self._batching.records, model)
        if found is None:
            remedy = "no batch answers lookups of this model yet: one with lookup answers as soon as it has succeeded"
            raise NotFoundError("prediction of", model, remedy=remedy)
        known = self._known.get(model)
        if known is None or known.batch != found.batch:
            known = self._known[model] = self._read(model, found.batch)
        return known

    def _read(self, model: str, batch: str) -> Answer:
        record = self._batching.batches.read(model, batch)
        plan, result = record.plan, record.result
        if plan is None or result is None:
            raise DamagedRecordError(f"batch {batch} of {model} answers lookups, and has no result")
        return Answer(batch, plan.version, result.time)


def lookup_router(control: Control) -> APIRouter:
    router = APIRouter(prefix="/models/{model}/predictions", tags=["lookups"])
    batching = control.batching

    answering_batches = AnsweringBatches(batching)

    @router.get("/{id}", responses=answers(shapes.LookedUp, refused=FOUND))
    def prediction(request: Request, model: str, id: str) -> Response:
        """The prediction of one id, by the batch that answers lookups."""
        answering = answering_batches.now(control.definition(model).name)
        wanted = id.strip()
        found = _stored(batching, model, answering, [wanted])
        if not found:
            raise NotFoundError("prediction", wanted, remedy=f"batch {answering.batch}, which answers, has no such id")
        (one,) = found.values()
        shown = shapes.LookedUp.of(
            one,
            model=model,
            warnings=_warnings(one),
            version=answering.version,
            batch=answering.batch,
            time=answering.time,
        )
        return answer(request, shown)

    @router.post(
        "",
        responses=answers(shapes.LookedUpTogether, refused=(*FOUND, 415, 422)),
        openapi_extra=takes(WantedIds),
    )
    async def predictions(request: Request, model: str) -> Response:
        """The predictions of up to 100 ids, of any characters, in the order of the ids."""
        control.definition(model)
        wanted = await read_options(request, WantedIds)
        answering = await run_in_threadpool(answering_batches.now, model)
        ids = [str(one).strip() for one in wanted.ids]
        found = await run_in_threadpool(_stored, batching, model, answering, ids)
        predictions = [_found(found.get(one)) for one in ids]
        return answer(request, shapes.LookedUpTogether.of(answering, model=model, predictions=predictions))

    @router.put(
        "",
        responses=answers(shapes.LookupSource, refused=CHANGED),
        openapi_extra=takes(AnswerFrom),
    )
    async def answer_from(request: Request, model: str) -> Response:
        """Let a batch answer lookups: an earlier one again, or a later one at once."""
        control.definition(model)
        wanted = await read_options(request, AnswerFrom)
        chosen = await run_in_threadpool(_let_answer, batching, model, wanted.batch, request_actor(request.scope))
        return answer(request, chosen)

    return router


def _let_answer(batching: Batching, model: str, batch: str, actor: str) -> shapes.LookupSource:
    record = batching.batches.read(model, batch)
    plan, result = record.plan, record.result
    hindrance = "it has not ended" if plan is None or result is None else result.no_lookup
    if plan is None or result is None or hindrance is not None:
        raise ConflictError(f"batch {batch} cannot answer: {hindrance}")
    let_answer(batching.records, model, batch, record.created, actor=actor)
    chosen = answering_batch(batching.records, model)
    if chosen is None or chosen.batch != batch:
        raise ConflictError(f"another batch was chosen for {model} meanwhile: look which one answers")
    return shapes.LookupSource.of(chosen, version=plan.version, predicted=result.time)


def _stored(batching: Batching, model: str, answering: Answer, ids: Sequence[str]) -> dict[str, StoredPrediction]:
    return {} if batching.store is None else batching.store.read(model, answering.batch, list(dict.fromkeys(ids)))


def _found(one: StoredPrediction | None) -> shapes.FoundPrediction | None:
    return None if one is None else shapes.FoundPrediction.of(one, warnings=_warnings(one))


def _warnings(one: StoredPrediction) -> list[shapes.FaultEntry]:
    return [shapes.FaultEntry(**warning) for warning in one.warnings]
