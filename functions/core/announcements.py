"""What is told to others when a training or a batch ends. It names records and holds no row of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal, Protocol

import orjson

from functions.core.batch_record import Batch
from functions.core.jobs import Job

SOURCE = "despliegue"
"""The source of the events on AWS."""
Ended = Literal["training", "batch"]


@dataclass(frozen=True, slots=True)
class Announcement:
    """The end of a training or a batch: `id` is the job or the batch, `state` its final state.

    `version` is the one that was made, or that predicted; `promoted` is of trainings. `done` and `refused` count rows
    of batches. The path is that of the record in the API.
    """

    kind: Ended
    model: str
    id: str
    state: str
    time: str
    version: int | None = None
    promoted: bool | None = None
    done: int | None = None
    refused: int | None = None

    @property
    def event(self) -> str:
        """A name to filter by: training.succeeded, batch.partial."""
        return f"{self.kind}.{self.state}"

    @property
    def path(self) -> str:
        collection = "jobs" if self.kind == "training" else "batches"
        return f"/models/{self.model}/{collection}/{self.id}"

    def to_json(self) -> bytes:
        """The body for others: the fields that have a value, the event and the path."""
        found = {name: value for name, value in asdict(self).items() if value is not None}
        return orjson.dumps({"event": self.event, **found, "path": self.path})


def announcement_of_job(job: Job) -> Announcement:
    """The end of a training."""
    result = job.result
    return Announcement(
        "training",
        job.model,
        job.job,
        job.state,
        job.updated,
        version=result.version if result else None,
        promoted=result.promoted if result else None,
    )


def announcement_of_batch(batch: Batch) -> Announcement:
    """The end of a batch that has a result."""
    result, plan = batch.result, batch.plan
    return Announcement(
        "batch",
        batch.model,
        batch.batch,
        batch.state(0),
        batch.updated,
        version=plan.version if plan else None,
        done=result.done if result else None,
        refused=result.refused if result else None,
    )


class Announcer(Protocol):
    """A place to announce at. An announcement that cannot be made is logged, and changes no record."""

    def announce(self, announcement: Announcement) -> None: ...


class Silence:
    """Nobody to announce to."""

    def announce(self, announcement: Announcement) -> None:
        """Do nothing."""
