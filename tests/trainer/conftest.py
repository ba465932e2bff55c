"""Workers over a home of the test's own, and jobs of car prices for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
import pytest

from functions.core.clock import now
from functions.core.definition import Definition
from functions.core.jobs import Job, Jobs
from functions.core.registry import Registry
from functions.core.submission import Submissions, TrainingRequest
from functions.core.uploads import Arrival
from functions.local.home import Home
from functions.trainer.worker import Worker
from tests.trainer.car_jobs import MODEL, MakeWorker, Row, Submit


@pytest.fixture
def make_worker(home: Home, definitions: Mapping[str, Definition]) -> MakeWorker:
    """Another worker over the same home."""

    def make(registry: Registry | None = None, **options: Any) -> Worker:
        return Worker(definitions, registry or home.registry, home.uploads, **options)

    return make


@pytest.fixture
def worker(make_worker: MakeWorker) -> Worker:
    return make_worker()


@pytest.fixture
def jobs(home: Home) -> Jobs:
    return Jobs(home.registry.storage)


@pytest.fixture
def cars(labelled: Callable[[str], list[Row]]) -> list[Row]:
    return labelled(MODEL)[:800]


@pytest.fixture
def submit(home: Home, definitions: Mapping[str, Definition]) -> Submit:
    """Submits rows as HTTP does; answers the job and the notice of its upload."""

    def run(rows: Any, **request: Any) -> tuple[Job, Arrival]:
        submissions = Submissions(home.registry, home.uploads)
        job = submissions.submit(definitions[MODEL], orjson.dumps(rows), TrainingRequest(**request))
        return job, Arrival(job.upload, "1", now())

    return run
