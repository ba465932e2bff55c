"""Removal of versions: what is needed stays, and what is not goes in two runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from functions.core import registry as registry_module
from functions.core.batch_record import BatchResult
from functions.core.batches import Batches
from functions.core.definition import Retention
from functions.core.errors import ConflictError, NotFoundError
from functions.core.jobs import Jobs
from functions.core.manifest import Manifest
from functions.core.pruning import Pruning
from functions.core.registry import Registry
from functions.core.retirement import RETIRED_SECONDS
from tests.core.pruning_runs import DAY, NEWEST_TWO, PruneClock, a_job, prune, serve
from tests.core.test_batch_progress import LATER, PLANNED

Publish = Callable[..., Manifest]
pytestmark = pytest.mark.usefixtures("clock")


def test_old_versions_go_in_two_runs(registry: Registry, publish: Publish, clock: PruneClock) -> None:
    for _ in range(4):
        publish(registry)
    serve(registry, 4)
    assert prune(registry, NEWEST_TWO) == [
        ("retire", "models/churn/versions/1"),
        ("retire", "models/churn/versions/2"),
    ]
    assert registry.versions("churn") == [1, 2, 3, 4]
    clock.wait(RETIRED_SECONDS)
    assert prune(registry, NEWEST_TWO) == []
    clock.wait(1)
    assert prune(registry, NEWEST_TWO) == [
        ("remove", "models/churn/versions/1"),
        ("remove", "models/churn/versions/2"),
    ]
    assert registry.versions("churn") == [3, 4]
    assert registry.storage.children("models/churn/versions") == ["3", "4"]
    assert prune(registry, NEWEST_TWO) == []


def test_a_version_whose_removal_was_interrupted_is_in_no_list(
    registry: Registry, publish: Publish, clock: PruneClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        publish(registry)
    prune(registry, NEWEST_TWO)
    clock.wait(RETIRED_SECONDS + 1)
    delete = registry.storage.delete

    def die_after_the_manifest(key: str) -> None:
        delete(key)
        if key.endswith("/manifest.json"):
            raise KeyboardInterrupt

    monkeypatch.setattr(registry.storage, "delete", die_after_the_manifest)
    with pytest.raises(KeyboardInterrupt):
        prune(registry, NEWEST_TWO)
    assert registry.versions("churn") == [2, 3, 4]
    assert registry.newest_versions("churn", 0, 50).total == 3


def test_without_a_number_of_versions_all_are_kept(registry: Registry, publish: Publish) -> None:
    for _ in range(4):
        publish(registry)
    assert prune(registry, Retention(job_days=1, data_days=1)) == []


def test_numbers_are_never_given_twice(registry: Registry, publish: Publish, clock: PruneClock) -> None:
    for _ in range(3):
        publish(registry)
    for _ in range(2):
        prune(registry, Retention(versions=1))
        clock.wait(DAY)
    assert registry.versions("churn") == [3]
    assert publish(registry).version == 4


def test_a_claim_that_nobody_published_is_left_alone(registry: Registry, publish: Publish, clock: PruneClock) -> None:
    publish(registry)
    registry.claim("churn")
    publish(registry)
    for _ in range(2):
        prune(registry, Retention(versions=1))
        clock.wait(DAY)
    assert registry.storage.children("models/churn/versions") == ["2", "3"]


def test_production_its_predecessor_and_a_pin_are_kept(registry: Registry, publish: Publish, clock: PruneClock) -> None:
    for _ in range(6):
        publish(registry)
    for version in (1, 2):
        serve(registry, version)
    registry.promote_now("churn", 3, actor="ana", pinned=True)
    clock.wait(400 * DAY)
    assert prune(registry, NEWEST_TWO) == [
        ("retire", "models/churn/versions/1"),
        ("retire", "models/churn/versions/4"),
    ]


def test_a_version_that_was_in_production_is_kept_for_its_days(
    registry: Registry, publish: Publish, clock: PruneClock
) -> None:
    for _ in range(5):
        publish(registry)
    serve(registry, 1)
    clock.wait(100 * DAY)  # the time in production counts, not the time of the promotion
    serve(registry, 4)
    serve(registry, 5)
    clock.wait(30 * DAY)
    assert ("retire", "models/churn/versions/1") not in prune(registry, NEWEST_TWO)
    clock.wait(1)
    assert prune(registry, NEWEST_TWO) == [("retire", "models/churn/versions/1")]


def test_a_version_that_an_unfinished_job_claimed_is_kept(
    registry: Registry, publish: Publish, clock: PruneClock
) -> None:
    for _ in range(4):
        publish(registry)
    Jobs(registry.storage).create(a_job(clock, "a", claimed=1, state="running"))
    Jobs(registry.storage).create(a_job(clock, "b", claimed=2, state="succeeded"))
    assert prune(registry, NEWEST_TWO) == [("retire", "models/churn/versions/2")]


def test_a_version_by_which_a_batch_goes_on_is_kept(registry: Registry, publish: Publish) -> None:
    for _ in range(4):
        publish(registry)
    batches = Batches(registry.storage, registry.storage)
    planned = replace(PLANNED, model="churn", batch="a" * 32)
    ended = replace(planned, batch="b" * 32, result=BatchResult("succeeded", LATER, 1, 0, 1.0))
    for batch, version in ((planned, 1), (ended, 2)):
        assert batch.plan is not None
        batches.create(replace(batch, plan=replace(batch.plan, version=version)))
    assert prune(registry, NEWEST_TWO) == [("retire", "models/churn/versions/2")]


def test_a_retired_version_is_not_promoted(registry: Registry, publish: Publish) -> None:
    for _ in range(3):
        publish(registry)
    prune(registry, NEWEST_TWO)
    with pytest.raises(ConflictError, match="version 1 is retired"):
        serve(registry, 1)
    assert registry.pointer("churn").production is None


def test_a_retention_that_keeps_more_takes_marks_back(registry: Registry, publish: Publish) -> None:
    for _ in range(3):
        publish(registry)
    prune(registry, NEWEST_TWO)
    assert prune(registry, Retention(versions=3)) == [("keep", "models/churn/versions/1")]
    serve(registry, 1)
    assert registry.storage.children("models/churn/versions") == ["1", "2", "3"]


def test_a_version_whose_mark_is_taken_back_after_the_plan_is_kept(
    registry: Registry, publish: Publish, clock: PruneClock
) -> None:
    for _ in range(3):
        publish(registry)
    prune(registry, NEWEST_TWO)
    clock.wait(DAY)
    pruning = Pruning(registry, None, {"churn": NEWEST_TWO})
    plan = pruning.plan()
    assert [(one.step, one.key) for one in plan] == [("remove", "models/churn/versions/1")]
    prune(registry, Retention(versions=3))
    pruning.carry_out(plan)
    assert registry.versions("churn") == [1, 2, 3]


def test_a_promotion_that_passed_the_mark_is_not_undone(
    registry: Registry, publish: Publish, clock: PruneClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The promotion looked before the mark was written, and moves the pointer after it."""
    for _ in range(3):
        publish(registry)
    monkeypatch.setattr(registry_module, "retired_since", lambda storage, key: None)
    prune(registry, NEWEST_TWO)
    serve(registry, 1)
    clock.wait(DAY)
    assert prune(registry, NEWEST_TWO) == [("keep", "models/churn/versions/1")]
    assert registry.production_manifest("churn") is not None


@pytest.mark.parametrize("deletes", range(1, 5))
def test_a_removal_that_dies_is_ended_by_the_next_run(
    registry: Registry, publish: Publish, clock: PruneClock, deletes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(registry)
    publish(registry)
    prune(registry, Retention(versions=1))
    clock.wait(DAY)
    delete, left = registry.storage.delete, iter(range(deletes))

    def dying(key: str) -> None:
        delete(key)
        if next(left, None) is None:
            raise KeyboardInterrupt

    monkeypatch.setattr(registry.storage, "delete", dying)
    with pytest.raises(KeyboardInterrupt):
        prune(registry, Retention(versions=1))
    assert registry.versions("churn") == [2]
    with pytest.raises(NotFoundError):
        registry.manifest("churn", 1)
    monkeypatch.setattr(registry.storage, "delete", delete)
    prune(registry, Retention(versions=1))
    assert registry.storage.children("models/churn/versions") == ["2"]


def test_two_runs_at_once_do_what_one_does(registry: Registry, publish: Publish, clock: PruneClock) -> None:
    for _ in range(6):
        publish(registry)
    prune(registry, NEWEST_TWO)
    clock.wait(DAY)
    threads = [threading.Thread(target=prune, args=(registry, NEWEST_TWO)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert registry.storage.children("models/churn/versions") == ["5", "6"]
