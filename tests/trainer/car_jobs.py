"""Jobs of car prices: the files that bring them, the trainings that end them, and the version in production then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from functions.core.clock import now
from functions.core.history import Production
from functions.core.jobs import Job, Result
from functions.core.registry import Registry
from functions.core.uploads import Arrival
from functions.local.home import Home
from functions.trainer.worker import RunTraining, Worker
from model_export.training import TrainingRun

Row = dict[str, Any]
Submit = Callable[..., tuple[Job, Arrival]]
MakeWorker = Callable[..., Worker]
MODEL = "car-price"


def dropped(home: Home, name: str, body: bytes, *, identity: str = "1") -> Arrival:
    """The notice of a file that a person put into the uploads of car-price."""
    key = f"uploads/{MODEL}/{name}"
    home.uploads.write(key, body)
    return Arrival(key, identity, now())


def done(job: Job | None) -> Job:
    assert job is not None
    return job


def production_of(home: Home) -> int:
    production = home.registry.pointer(MODEL).production
    assert production is not None
    return production.version


def failing(error: BaseException) -> RunTraining:
    """A training that ends in this error."""

    def fail(registry: Registry, run: TrainingRun) -> Result:
        raise error

    return fail


class Interrupted(Registry):
    """A registry of which `before` is called when a version should go into production."""

    def __init__(self, home: Home, before: Callable[[], object]) -> None:
        super().__init__(home.registry.storage)
        self._before = before

    def promote(self, *given: Any, **options: Any) -> Production:
        self._before()
        return super().promote(*given, **options)
