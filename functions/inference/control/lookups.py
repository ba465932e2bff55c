"""Routes for lookups: predictions of the batch that answers by the id of their row, and which batch that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr
from starlette.concurrency import run_in_threadpool

from functions.core.errors import NotFoundError
from functions.core.lookups import AnsweringBatch, StoredPrediction, answering_batch, let_answer
from functions.inference.control import responses as shapes
from functions.inference.control.context import Batching, Control, request_actor
from functions.inference.control.declarations import answers, takes
from functions.inference.control.options import read_options
from functions.inference.envelope import answer
from functions.inference.openapi import CHANGED, FOUND

MOST_IDS = 100


class WantedIds(BaseModel):
    """The ids to look up, as texts or whole numbers."""

    model_config = ConfigDict(extra="forbid")
    ids: Annotated[list[StrictStr | StrictInt], Field(min_length=1, max_length=MOST_IDS)]


class AnswerFrom(BaseModel):
    """The batch from which lookups shall be answered."""

    model_config = ConfigDict(extra="forbid")
    batch: StrictStr


def lookup_router(control: Control) -> APIRouter:
    router = APIRouter(prefix="/models/{model}/predictions", tags=["lookups"])
    batching = control.batching

    @router.get("/{id}", responses=answers(shapes.LookedUp, refused=FOUND), summary="The prediction of one id")
    def prediction(request: Request, model: str, id: str) -> Response:
        control.definition(model)
        answering = _answering(batching, model)
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
            time=answering.predicted,
        )
        return answer(request, shown)

    @router.post(
        "",
        responses=answers(shapes.LookedUpTogether, refused=(*FOUND, 415, 422)),
        openapi_extra=takes(WantedIds),
        summary="The predictions of up to 100 ids, of any characters",
    )
    async def predictions(request: Request, model: str) -> Response:
        control.definition(model)
        wanted = await read_options(request, WantedIds)
        shown = await run_in_threadpool(_together, batching, model, [str(one).strip() for one in wanted.ids])
        return answer(request, shown)

    @router.put(
        "",
        responses=answers(shapes.Answering, refused=CHANGED),
        openapi_extra=takes(AnswerFrom),
        summary="Let a batch answer lookups",
    )
    async def answer_from(request: Request, model: str) -> Response:
        control.definition(model)
        wanted = await read_options(request, AnswerFrom)
        chosen = await run_in_threadpool(_let_answer, batching, model, wanted.batch, request_actor(request.scope))
        return answer(request, shapes.Answering.of(chosen))

    return router


def _together(batching: Batching, model: str, ids: Sequence[str]) -> shapes.LookedUpTogether:
    answering = _answering(batching, model)
    found = _stored(batching, model, answering, ids)
    return shapes.LookedUpTogether(
        model,
        answering.version,
        answering.batch,
        answering.predicted,
        [_found(found.get(one)) for one in ids],
    )


def _let_answer(batching: Batching, model: str, batch: str, actor: str) -> AnsweringBatch:
    let_answer(batching.records, batching.batches.read(model, batch), actor=actor, is_chosen=True)
    return _answering(batching, model)


def _answering(batching: Batching, model: str) -> AnsweringBatch:
    """Raises NotFoundError before any batch answers."""
    found = answering_batch(batching.records, model)
    if found is None:
        remedy = "no batch answers lookups of this model yet: one with lookup answers as soon as it has succeeded"
        raise NotFoundError("prediction of", model, remedy=remedy)
    return found


def _stored(
    batching: Batching, model: str, answering: AnsweringBatch, ids: Sequence[str]
) -> dict[str, StoredPrediction]:
    return {} if batching.store is None else batching.store.read(model, answering.batch, list(dict.fromkeys(ids)))


def _found(one: StoredPrediction | None) -> shapes.FoundPrediction | None:
    return None if one is None else shapes.FoundPrediction.of(one, warnings=_warnings(one))


def _warnings(one: StoredPrediction) -> list[shapes.FaultEntry]:
    return [shapes.FaultEntry(**warning) for warning in one.warnings]
