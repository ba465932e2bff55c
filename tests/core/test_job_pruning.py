"""Removal of jobs: those that ended long ago, with their files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from functions.core.definition import Retention
from functions.core.jobs import Jobs
from functions.core.local_storage import LocalStorage
from functions.core.manifest import Manifest
from functions.core.prune_steps import WAITING_SECONDS
from functions.core.pruning import Pruning
from functions.core.registry import Registry
from tests.core.pruning_runs import DAY, PruneClock, a_job, prune

Publish = Callable[..., Manifest]
pytestmark = pytest.mark.usefixtures("clock")


def test_finished_jobs_go_with_their_files(registry: Registry, uploads: LocalStorage, clock: PruneClock) -> None:
    jobs = Jobs(registry.storage)
    for name, state in zip("abcd", ("succeeded", "refused", "superseded", "failed"), strict=True):
        job = a_job(clock, name, state=state)
        jobs.create(job)
        uploads.write(job.upload, b"rows")
    assert prune(registry, Retention(job_days=10), uploads) == []
    clock.wait(10 * DAY + 1)
    done = prune(registry, Retention(job_days=10), uploads)
    assert done == [("remove", f"models/churn/jobs/{name * 32}.json") for name in "abcd"]
    assert registry.storage.keys("models/churn") == []
    assert jobs.newest_first("churn").entries == []
    assert uploads.children("uploads/churn/jobs") == []


@pytest.mark.parametrize("state", ["queued", "running"])
def test_an_unfinished_job_stays_however_old(
    registry: Registry, uploads: LocalStorage, clock: PruneClock, state: Any
) -> None:
    Jobs(registry.storage).create(a_job(clock, "a", state=state, lease_until="2100-01-01"))
    clock.wait(1000 * DAY)
    assert prune(registry, Retention(job_days=1), uploads) == []


def test_a_waiting_job_goes_after_its_form_expired(
    registry: Registry, uploads: LocalStorage, clock: PruneClock
) -> None:
    Jobs(registry.storage).create(a_job(clock, "a", state="waiting"))
    clock.wait(WAITING_SECONDS)
    assert prune(registry, Retention(job_days=100), uploads) == []
    clock.wait(1)
    assert len(prune(registry, Retention(job_days=100), uploads)) == 1
    assert Jobs(registry.storage).newest_first("churn").entries == []


def test_the_job_of_a_dropped_file_stays_while_the_file_does(
    registry: Registry, uploads: LocalStorage, clock: PruneClock
) -> None:
    """The watcher of a laptop would take the file for a new one, and train on it again."""
    job = a_job(clock, "a", state="succeeded", upload="uploads/churn/rows.csv")
    Jobs(registry.storage).create(job)
    uploads.write(job.upload, b"rows")
    clock.wait(100 * DAY)
    assert prune(registry, Retention(job_days=10), uploads) == []
    assert prune(registry, Retention(job_days=10), None) == []
    uploads.delete(job.upload)
    assert len(prune(registry, Retention(job_days=10), uploads)) == 1


def test_a_failed_job_that_a_request_starts_again_is_not_removed(
    registry: Registry, uploads: LocalStorage, clock: PruneClock
) -> None:
    jobs = Jobs(registry.storage)
    job = a_job(clock, "a", state="failed")
    jobs.create(job)
    clock.wait(100 * DAY)
    pruning = Pruning(registry, uploads, {"churn": Retention(job_days=10)})
    plan = pruning.plan()
    jobs.restart("churn", job.job)
    uploads.write(job.upload, b"rows")
    pruning.carry_out(plan)
    assert jobs.read("churn", job.job).state == "queued"
    assert uploads.children("uploads/churn/jobs") == [job.job]


def test_a_job_that_another_run_removed_meanwhile_holds_up_no_later_step(
    registry: Registry, uploads: LocalStorage, clock: PruneClock
) -> None:
    jobs = Jobs(registry.storage)
    gone, other = (a_job(clock, name, state="succeeded") for name in "ab")
    for job in (gone, other):
        jobs.create(job)
    clock.wait(100 * DAY)
    pruning = Pruning(registry, uploads, {"churn": Retention(job_days=10)})
    plan = pruning.plan()
    assert [step.key for step in plan] == [f"models/churn/jobs/{name * 32}.json" for name in "ab"]
    jobs.delete(gone)
    pruning.carry_out(plan)
    assert jobs.newest_first("churn").entries == []
