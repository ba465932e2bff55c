"""Two trainers over one registry, and many requests at once: every job ends, and nothing is lost or doubled."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx
import orjson
import pytest
from starlette.types import ASGIApp

from functions.core.clock import now
from functions.core.definition import Definition
from functions.core.jobs import Job, Jobs
from functions.core.submission import Submissions, TrainingRequest
from functions.core.uploads import Arrival
from functions.local.application import local_application
from functions.local.home import Home
from tests.deaths.processes import assert_whole, start

Row = dict[str, Any]
CHURN = "churn"
REQUESTS = 6
TRAINERS = 2
PATIENCE_SECONDS = 120

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="SKIPPED: this platform has no fork")


@contextmanager
def trainers(home: Home, definitions: Mapping[str, Definition]) -> Iterator[None]:
    """Two of them, each a process of its own, that watch the same uploads."""
    from functions.local.trainer_process import watch
    from functions.trainer.worker import Worker

    def work() -> None:
        watch(home, definitions, Worker(definitions, home.registry, home.uploads), until=threading.Event())

    children = [start(work) for _ in range(TRAINERS)]
    try:
        yield
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def client_of(
    home: Home, definitions: Mapping[str, Definition], connect: Callable[[ASGIApp], httpx.Client]
) -> httpx.Client:
    """One that has looked at every route: FastAPI builds them then, and not safely among threads."""
    client = connect(local_application(home, definitions, base_url="http://localhost"))
    assert client.get("/nowhere").status_code == 404
    return client


def wait_for_all(jobs: Jobs, count: int) -> list[Job]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = jobs.newest_first(CHURN).entries
        if len(found) == count and all(job.is_finished for job in found):
            return found
        assert time.monotonic() < deadline, [(job.state, job.reason) for job in found]
        time.sleep(0.1)


def assert_they_agree(home: Home, ended: list[Job]) -> None:
    registry = home.registry
    assert_whole(registry, CHURN)
    results = [job.result for job in ended if job.result is not None]
    assert len({result.version for result in results}) == len(results)
    # a job that was overtaken after it had published leaves a version that nobody promoted
    assert registry.versions(CHURN) == [1, *sorted(job.claimed for job in ended if job.claimed is not None)]
    history = registry.history(CHURN)
    promoted = [one.version for one in history[1:]]
    assert sorted(promoted) == sorted(result.version for result in results if result.promoted)
    assert [one.data_time for one in history] == sorted(one.data_time for one in history)
    production = history[-1]
    for job in ended:
        if job.state == "superseded":
            assert job.data_time < production.data_time
    newest = max(ended, key=lambda job: job.data_time if job.state != "refused" else "")
    assert newest.state == "succeeded"
    assert newest.result is not None
    assert production.version == newest.result.version


def test_requests_at_once_all_end_and_the_newest_rows_serve(
    home: Home,
    definitions: Mapping[str, Definition],
    labelled: Callable[[str], list[Row]],
    connect: Callable[[ASGIApp], httpx.Client],
) -> None:
    """Over HTTP, each from a client of its own; the one with a single class is refused by the trainer."""
    rows, chance = labelled(CHURN), random.Random(5)
    sent = [chance.sample(rows, 400) for _ in range(REQUESTS)]
    sent[2] = [{**row, "churn": "no"} for row in sent[2]]
    clients = [client_of(home, definitions, connect) for _ in range(REQUESTS)]

    def submit(client: httpx.Client, body: list[Row]) -> httpx.Response:
        headers = {"Prefer": "respond-async"}
        return client.post(f"/models/{CHURN}/retrain", params={"force": True}, json=body, headers=headers)

    with trainers(home, definitions), ThreadPoolExecutor(REQUESTS) as pool:
        answers = list(pool.map(submit, clients, sent))
        assert [answer.status_code for answer in answers] == [202] * REQUESTS
        ended = wait_for_all(Jobs(home.registry.storage), REQUESTS)
    assert {job.job for job in ended} == {answer.json()["data"]["job"] for answer in answers}
    single_class = answers[2].json()["data"]["job"]
    for job in ended:
        # whether the rows are old is seen before whether they are right
        assert job.state in (("refused", "superseded") if job.job == single_class else ("succeeded", "superseded"))
    assert_they_agree(home, ended)


def test_one_request_sent_by_everybody_at_once_is_one_job(
    home: Home,
    definitions: Mapping[str, Definition],
    labelled: Callable[[str], list[Row]],
    connect: Callable[[ASGIApp], httpx.Client],
) -> None:
    body = labelled(CHURN)[:400]
    clients = [client_of(home, definitions, connect) for _ in range(REQUESTS)]
    with trainers(home, definitions), ThreadPoolExecutor(REQUESTS) as pool:
        posts = [
            pool.submit(one.post, f"/models/{CHURN}/retrain", params={"force": True}, json=body) for one in clients
        ]
        data = [post.result().json()["data"] for post in posts]
    assert len({(one["job"], one["version"]) for one in data}) == 1
    assert home.registry.versions(CHURN) == [1, 2]
    assert_whole(home.registry, CHURN)


def test_of_two_workers_on_two_jobs_the_older_rows_never_replace_the_newer(
    home: Home, definitions: Mapping[str, Definition], labelled: Callable[[str], list[Row]]
) -> None:
    from functions.trainer.worker import Worker

    rows, chance, jobs = labelled(CHURN), random.Random(6), Jobs(home.registry.storage)
    submissions = Submissions(home.registry, home.uploads)

    def work(job: Job) -> None:
        Worker(definitions, home.registry, home.uploads).handle(Arrival(job.upload, "", now()))

    states: Counter[str] = Counter()
    for _ in range(REQUESTS):
        pair = [
            submissions.submit(definitions[CHURN], orjson.dumps(chance.sample(rows, size)), TrainingRequest(force=True))
            for size in (1000, 300)  # the older one takes longer
        ]
        children = [start(partial(work, job)) for job in pair]
        assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
        older, newer = (jobs.read(CHURN, job.job) for job in pair)
        assert older.state in ("succeeded", "superseded")
        assert newer.state == "succeeded"
        assert newer.result is not None
        production = home.registry.pointer(CHURN).production
        assert production is not None
        assert production.version == newer.result.version
        assert_whole(home.registry, CHURN)
        states[older.state] += 1
    assert_they_agree(home, jobs.newest_first(CHURN).entries)
    print(f"\nthe older of two jobs at once, {REQUESTS} times: {dict(states)}")
