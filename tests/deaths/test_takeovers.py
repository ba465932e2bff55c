"""A worker that sleeps until another has finished its job: it wakes, notices, and changes nothing."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import orjson
import pytest

from functions.core.clock import now
from functions.core.definition import Definition
from functions.core.history import Promotions
from functions.core.jobs import Job, Jobs
from functions.core.registry import Registry
from functions.core.submission import Submissions, TrainingRequest
from functions.core.uploads import Arrival
from functions.local.home import Home
from tests.deaths.processes import assert_whole, start

Row = dict[str, Any]
CHURN = "churn"
LEASE_SECONDS = 0.3
NOTICED, UNNOTICED, ALREADY_DONE = 10, 11, 12
STAGES = ["read", "validate", "fit", "export", "parity", "evaluate", "publish", "promote"]
CALLS: Mapping[str, type] = {"claim": Registry, "publish": Registry, "promote": Registry, "record": Promotions}
"""The writes of a promotion, by the class that has them."""

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="SKIPPED: this platform stops no processes")


def sleep_once() -> Callable[[], None]:
    """Stops this process, the first time it is called."""
    slept: list[bool] = []

    def sleep() -> None:
        if not slept:
            slept.append(True)
            os.kill(os.getpid(), signal.SIGSTOP)

    return sleep


def asleep_at_stage(monkeypatch: pytest.MonkeyPatch, stage: str, *, recorded_before: bool) -> None:
    """Let the worker sleep right before it records a stage, or right after."""
    from functions.core.jobs import Lease

    sleep, update = sleep_once(), Lease.update

    def updating(lease: Lease, **changes: Any) -> Job:
        is_stage = changes.get("stage") == stage and "lease_owner" not in changes
        if is_stage and not recorded_before:
            sleep()
        job = update(lease, **changes)
        if is_stage and recorded_before:
            sleep()
        return job

    monkeypatch.setattr(Lease, "update", updating)


def asleep_at_call(monkeypatch: pytest.MonkeyPatch, name: str, *, done_before: bool) -> None:
    """The worker falls asleep before or after one of the registry's writes."""
    sleep, owner = sleep_once(), CALLS[name]
    method = getattr(owner, name)

    def calling(*given: Any, **named: Any) -> Any:
        if not done_before:
            sleep()
        found = method(*given, **named)
        if done_before:
            sleep()
        return found

    monkeypatch.setattr(owner, name, calling)


def asleep_after_file(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """The worker falls asleep when it has written that many files of its version."""
    sleep, method, written = sleep_once(), Registry._holds, []

    def standing(registry: Registry, key: str, body: bytes) -> bool:
        found = method(registry, key, body)
        written.append(key)
        if len(written) == number:
            sleep()
        return found

    monkeypatch.setattr(Registry, "_holds", standing)


def with_other_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """A training that never gives the same bytes twice."""
    from model_export import training

    fit = training.fit_candidate

    def fitting(*given: Any) -> Any:
        candidate = fit(*given)
        # what loads the joblib stops at its end
        return replace(candidate, files={name: body + b" " for name, body in candidate.files.items()})

    monkeypatch.setattr(training, "fit_candidate", fitting)


class Relay:
    """A job of churn, and the two workers that get it, each a process of its own."""

    def __init__(self, home: Home, definitions: Mapping[str, Definition], rows: list[Row]) -> None:
        self.home, self.definitions = home, definitions
        self.jobs = Jobs(home.registry.storage)
        submissions = Submissions(home.registry, home.uploads)
        self.job = submissions.submit(definitions[CHURN], orjson.dumps(rows), TrainingRequest(force=True))

    def work(self, prepare: Callable[[], None] = lambda: None) -> None:
        from functions.core.jobs import LeaseHeldError
        from functions.trainer.worker import Worker

        prepare()
        try:
            found = Worker(self.definitions, self.home.registry, self.home.uploads).handle(
                Arrival(self.job.upload, "", now())
            )
        except LeaseHeldError:
            os._exit(NOTICED)
        os._exit(ALREADY_DONE if found is None else UNNOTICED)

    def run(self, prepare: Callable[[], None] = lambda: None) -> int:
        """The exit status of a worker that goes through to its end."""
        return os.waitstatus_to_exitcode(os.waitpid(start(partial(self.work, prepare)), 0)[1])

    def fall_asleep(self, prepare: Callable[[], None]) -> int:
        """A worker that stopped itself in the middle, and whose lease has ended."""
        child = start(partial(self.work, prepare))
        assert os.WIFSTOPPED(os.waitpid(child, os.WUNTRACED)[1]), "the worker ended without falling asleep"
        time.sleep(LEASE_SECONDS)
        return child

    def wake(self, child: int) -> int:
        os.kill(child, signal.SIGCONT)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def read(self) -> Job:
        return self.jobs.read(CHURN, self.job.job)


@pytest.fixture
def relay(
    home: Home,
    definitions: Mapping[str, Definition],
    labelled: Callable[[str], list[Row]],
    monkeypatch: pytest.MonkeyPatch,
) -> Relay:
    import functions.trainer.worker  # noqa: F401  # what is loaded here need not be loaded in each process

    monkeypatch.setattr("functions.core.jobs.LEASE_SECONDS", LEASE_SECONDS)
    return Relay(home, definitions, labelled(CHURN)[:400])


def assert_one_version_and_one_promotion(relay: Relay, finished: Job) -> None:
    registry = relay.home.registry
    assert relay.read() == finished
    assert (finished.state, finished.attempts) == ("succeeded", 2)
    assert finished.result is not None
    assert registry.versions(CHURN) == [1, finished.result.version]
    assert [one.version for one in registry.history(CHURN)] == [1, finished.result.version]
    assert_whole(registry, CHURN)


def hand_over(relay: Relay, prepare: Callable[[], None]) -> None:
    sleeper = relay.fall_asleep(prepare)
    assert relay.run() == UNNOTICED
    finished = relay.read()
    assert relay.wake(sleeper) == NOTICED
    assert_one_version_and_one_promotion(relay, finished)
    assert relay.run() == ALREADY_DONE
    assert_one_version_and_one_promotion(relay, finished)


@pytest.mark.parametrize("stage", STAGES)
def test_it_may_fall_asleep_before_any_stage(relay: Relay, monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    hand_over(relay, lambda: asleep_at_stage(monkeypatch, stage, recorded_before=False))


@pytest.mark.parametrize("stage", ["publish", "promote"])
def test_it_may_fall_asleep_after_it_recorded_a_stage_that_writes(
    relay: Relay, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """Of the others nothing but their name is in the record: before and after it are the same moment to the rest."""
    hand_over(relay, lambda: asleep_at_stage(monkeypatch, stage, recorded_before=True))


@pytest.mark.parametrize("done_before", [True, False], ids=["after", "before"])
@pytest.mark.parametrize("call", CALLS)
def test_it_may_fall_asleep_at_any_write(
    relay: Relay, monkeypatch: pytest.MonkeyPatch, call: str, done_before: bool
) -> None:
    hand_over(relay, lambda: asleep_at_call(monkeypatch, call, done_before=done_before))


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_it_may_fall_asleep_between_the_files_of_a_version(
    relay: Relay, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    hand_over(relay, lambda: asleep_after_file(monkeypatch, number))


@pytest.mark.parametrize("number", [1, 2, 3])
def test_where_training_does_not_give_the_same_bytes_twice_neither_writes_over_the_other(
    relay: Relay, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def prepare() -> None:
        with_other_files(monkeypatch)
        asleep_after_file(monkeypatch, number)

    hand_over(relay, prepare)
    assert relay.home.registry.versions(CHURN) == [1, 3]


def test_the_last_moment_of_such_a_training_leaves_a_whole_version_that_nobody_promotes(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All its files were there, and only the manifest was not: it is written when the worker wakes."""

    def prepare() -> None:
        with_other_files(monkeypatch)
        asleep_after_file(monkeypatch, 4)

    sleeper = relay.fall_asleep(prepare)
    assert relay.run() == UNNOTICED
    finished = relay.read()
    assert relay.wake(sleeper) == NOTICED
    assert relay.read() == finished
    assert finished.result is not None
    registry = relay.home.registry
    assert registry.versions(CHURN) == [1, 2, 3]
    assert [one.version for one in registry.history(CHURN)] == [1, finished.result.version] == [1, 3]
    assert_whole(registry, CHURN)


@pytest.mark.parametrize("recorded_before", [True, False], ids=["after", "before"])
def test_a_rollback_while_it_sleeps_is_not_undone(
    relay: Relay, monkeypatch: pytest.MonkeyPatch, recorded_before: bool
) -> None:
    """It had looked at production, the other promoted, and a person went back."""
    sleeper = relay.fall_asleep(lambda: asleep_at_stage(monkeypatch, "promote", recorded_before=recorded_before))
    assert relay.run() == UNNOTICED
    registry = relay.home.registry
    back = registry.promote_now(CHURN, 1, actor="a person", pinned=False)
    assert relay.wake(sleeper) == NOTICED
    assert registry.pointer(CHURN).production == back


def test_both_at_once_make_one_version(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    """It wakes while the other is at work: whichever publishes, the number is one."""
    sleeper = relay.fall_asleep(lambda: asleep_after_file(monkeypatch, 2))
    other = relay.fall_asleep(lambda: asleep_after_file(monkeypatch, 3))
    assert relay.wake(sleeper) == NOTICED
    assert relay.home.registry.versions(CHURN) == [1, 2]
    os.kill(other, signal.SIGCONT)
    assert os.waitstatus_to_exitcode(os.waitpid(other, 0)[1]) == UNNOTICED
    finished = relay.read()
    assert_one_version_and_one_promotion(relay, finished)
