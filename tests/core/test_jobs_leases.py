"""Attempts at a job: one holder at a time, taken over after silence, and final once finished."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from functions.core import jobs as jobs_module
from functions.core.errors import ConflictError, StorageError
from functions.core.jobs import LEASE_SECONDS, MAX_ATTEMPTS, TERMINAL, Job, Jobs, Lease, LeaseEndedError, LeaseHeldError
from functions.core.local_storage import LocalStorage
from tests.core.new_jobs import MODEL, NAME, RESULT, new_job
from tests.core.pruning_runs import PruneClock


def take(jobs: Jobs, owner: str = "one") -> Lease:
    lease = jobs.take(MODEL, NAME, owner=owner)
    assert lease is not None
    return lease


class TestLease:
    def test_taking_starts_an_attempt(self, jobs: Jobs, clock: PruneClock) -> None:
        job = take(jobs).job
        assert (job.state, job.attempts, job.lease_owner) == ("running", 1, "one")
        assert job.lease_until == clock(plus_seconds=LEASE_SECONDS)
        assert jobs.read(MODEL, NAME) == job

    def test_a_held_job_is_nobody_elses(self, jobs: Jobs, clock: PruneClock) -> None:
        take(jobs)
        clock.wait(LEASE_SECONDS - 1)
        with pytest.raises(LeaseHeldError, match="held by one until"):
            jobs.take(MODEL, NAME, owner="two")
        assert jobs.read(MODEL, NAME).lease_owner == "one"
        assert issubclass(LeaseHeldError, ConflictError)

    def test_a_silent_holder_is_replaced(self, jobs: Jobs, clock: PruneClock) -> None:
        take(jobs)
        clock.wait(LEASE_SECONDS)
        job = take(jobs, "two").job
        assert (job.state, job.attempts, job.lease_owner) == ("running", 2, "two")

    @pytest.mark.parametrize("act", ["update", "prolong", "finish", "release"])
    def test_a_replaced_holder_can_change_nothing(self, jobs: Jobs, clock: PruneClock, act: str) -> None:
        old = take(jobs)
        clock.wait(LEASE_SECONDS)
        new = take(jobs, "two")
        acts: dict[str, Callable[[], object]] = {
            "update": lambda: old.update(stage="fit"),
            "prolong": old.prolong,
            "finish": lambda: old.finish("succeeded", result=RESULT),
            "release": lambda: old.release("crash"),
        }
        with pytest.raises(LeaseHeldError, match="taken over"):
            acts[act]()
        assert jobs.read(MODEL, NAME) == new.job

    @pytest.mark.parametrize(
        "end",
        [lambda lease: lease.release("crash"), lambda lease: lease.finish("refused")],
        ids=["released", "finished"],
    )
    @pytest.mark.parametrize(
        "act",
        [
            lambda lease: lease.update(stage="fit"),
            lambda lease: lease.finish("succeeded", result=RESULT),
            lambda lease: lease.release("crash"),
            lambda lease: lease.run_out("too slow"),
        ],
        ids=["update", "finish", "release", "run_out"],
    )
    def test_a_holder_that_ended_its_attempt_can_change_nothing_more(
        self, jobs: Jobs, end: Callable[[Lease], Job], act: Callable[[Lease], Job]
    ) -> None:
        lease = take(jobs)
        job = end(lease)
        with pytest.raises(LeaseEndedError, match=f"is over: it is {job.state}"):
            act(lease)
        assert jobs.read(MODEL, NAME) == job

    def test_updates_and_prolonging_keep_the_lease(self, jobs: Jobs, clock: PruneClock) -> None:
        lease = take(jobs)
        for keep in (lambda: lease.update(stage="fit", progress=0.1), lease.prolong):
            clock.wait(LEASE_SECONDS - 1)
            keep()
        clock.wait(LEASE_SECONDS - 1)
        with pytest.raises(LeaseHeldError):
            jobs.take(MODEL, NAME, owner="two")
        job = jobs.read(MODEL, NAME)
        assert (job.stage, job.progress, job.attempts) == ("fit", 0.1, 1)

    def test_what_an_attempt_wrote_outlives_it(self, jobs: Jobs, clock: PruneClock) -> None:
        take(jobs).update(claimed=7, stage="publish")
        clock.wait(LEASE_SECONDS)
        assert take(jobs, "two").job.claimed == 7

    def test_a_reason_of_an_earlier_attempt_is_dropped(self, jobs: Jobs) -> None:
        take(jobs).release("out of memory")
        assert take(jobs).job.reason is None

    def test_of_many_takers_one_wins(self, jobs: Jobs) -> None:
        leases: list[Lease | None] = []
        held: list[LeaseHeldError] = []
        start = threading.Barrier(6)

        def race(owner: str) -> None:
            start.wait()
            try:
                leases.append(jobs.take(MODEL, NAME, owner=owner))
            except LeaseHeldError as error:
                held.append(error)

        threads = [threading.Thread(target=race, args=(str(number),)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(leases), len(held)) == (1, 5)
        assert jobs.read(MODEL, NAME).attempts == 1

    def test_the_holders_threads_do_not_lock_one_another_out(self, jobs: Jobs) -> None:
        lease = take(jobs)
        threads = [threading.Thread(target=lease.prolong) for _ in range(4)]
        for thread in threads:
            thread.start()
        lease.update(stage="fit")
        for thread in threads:
            thread.join()
        assert lease.finish("succeeded", result=RESULT) == jobs.read(MODEL, NAME)


class TestFinish:
    @pytest.mark.parametrize("state", sorted(TERMINAL))
    def test_a_finished_job_is_not_taken_again(self, jobs: Jobs, clock: PruneClock, state: jobs_module.State) -> None:
        job = take(jobs).finish(state, reason="because")
        assert (job.state, job.stage, job.progress, job.reason) == (state, state, 1.0, "because")
        assert (job.lease_owner, job.lease_until, job.is_finished) == (None, None, True)
        clock.wait(10 * LEASE_SECONDS)
        assert jobs.take(MODEL, NAME, owner="two") is None
        assert jobs.read(MODEL, NAME) == job

    def test_the_result_is_kept(self, jobs: Jobs) -> None:
        take(jobs).finish("succeeded", result=RESULT)
        assert jobs.read(MODEL, NAME).result == RESULT

    def test_a_stage_may_show_where_it_ended(self, jobs: Jobs) -> None:
        assert take(jobs).finish("failed", stage="parity", progress=0.7).stage == "parity"

    def test_prolonging_after_the_end_changes_nothing(self, jobs: Jobs, clock: PruneClock) -> None:
        lease = take(jobs)
        job = lease.finish("succeeded", result=RESULT)
        clock.wait(1)
        lease.prolong()
        assert jobs.read(MODEL, NAME) == job

    @pytest.mark.parametrize(("state", "finished"), [("waiting", False), ("queued", False), ("running", False)])
    def test_other_states_are_not_final(self, state: jobs_module.State, finished: bool) -> None:
        assert replace(new_job(), state=state).is_finished is finished


class TestRelease:
    def test_a_crashed_job_is_queued_and_free_at_once(self, jobs: Jobs) -> None:
        job = take(jobs).release("MemoryError: no room")
        assert (job.state, job.stage, job.reason) == ("queued", "queued", "MemoryError: no room")
        assert (job.lease_owner, job.lease_until, job.attempts) == (None, None, 1)
        assert take(jobs, "two").job.attempts == 2

    def test_prolonging_after_it_changes_nothing(self, jobs: Jobs) -> None:
        lease = take(jobs)
        job = lease.release("crash")
        lease.prolong()
        assert jobs.read(MODEL, NAME) == job

    def test_the_last_attempt_fails_the_job_for_good(self, jobs: Jobs) -> None:
        states = [take(jobs).release("crash").state for _ in range(MAX_ATTEMPTS)]
        assert states == ["queued"] * (MAX_ATTEMPTS - 1) + ["failed"]
        assert jobs.read(MODEL, NAME).reason == f"crash (attempt {MAX_ATTEMPTS} of {MAX_ATTEMPTS})"
        assert jobs.take(MODEL, NAME, owner="two") is None

    def test_attempts_of_silent_workers_count(self, jobs: Jobs, clock: PruneClock) -> None:
        for _ in range(MAX_ATTEMPTS - 1):
            take(jobs)
            clock.wait(LEASE_SECONDS)
        assert take(jobs).release("crash").state == "failed"


class TestRunningOut:
    def test_a_job_whose_time_is_over_fails_in_its_first_attempt(self, jobs: Jobs) -> None:
        lease = take(jobs)
        lease.update(stage="fit", claimed=2)
        job = lease.run_out("not finished in 900 seconds")
        assert (job.state, job.attempts, job.reason) == ("failed", 1, "not finished in 900 seconds")
        assert jobs.take(MODEL, NAME, owner="two") is None

    def test_one_whose_promotion_alone_is_left_may_be_promoted_by_the_next(self, jobs: Jobs) -> None:
        lease = take(jobs)
        lease.update(stage="promote", claimed=2)
        assert lease.run_out("not finished in 900 seconds").state == "queued"
        assert take(jobs, "two").job.claimed == 2


class TestDeadWorkers:
    def test_a_job_whose_last_worker_died_has_failed_for_everybody_who_looks(
        self, jobs: Jobs, clock: PruneClock
    ) -> None:
        for _ in range(MAX_ATTEMPTS):
            lease = take(jobs)
            clock.wait(LEASE_SECONDS)
        (listed,) = jobs.newest_first(MODEL).entries
        assert listed == jobs.read(MODEL, NAME)
        assert (listed.state, listed.stage, listed.progress, listed.attempts) == ("failed", "failed", 1.0, MAX_ATTEMPTS)
        assert (listed.lease_owner, listed.lease_until) == (None, None)
        assert f"the trainer died in each of {MAX_ATTEMPTS} attempts" in str(listed.reason)
        assert jobs.take(MODEL, NAME, owner="late") is None
        with pytest.raises(LeaseHeldError, match="taken over"):  # a worker that only slept
            lease.finish("succeeded", result=RESULT)
        assert jobs.restart(MODEL, NAME).state == "queued"

    def test_one_at_work_in_its_last_attempt_has_not(self, jobs: Jobs, clock: PruneClock) -> None:
        for _ in range(MAX_ATTEMPTS - 1):
            take(jobs)
            clock.wait(LEASE_SECONDS)
        lease = take(jobs)
        clock.wait(LEASE_SECONDS - 1)
        assert jobs.read(MODEL, NAME).state == "running"
        lease.prolong()
        clock.wait(LEASE_SECONDS - 1)
        assert lease.finish("succeeded", result=RESULT).state == "succeeded"

    def test_it_is_seen_where_nothing_may_be_written(
        self, jobs: Jobs, clock: PruneClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> str:
            raise StorageError("access denied")

        for _ in range(MAX_ATTEMPTS):
            take(jobs)
            clock.wait(LEASE_SECONDS)
        with monkeypatch.context() as patch:
            patch.setattr(LocalStorage, "replace", refuse)
            assert jobs.read(MODEL, NAME).state == "failed"
        assert jobs.read(MODEL, NAME).state == "failed"


class TestRestart:
    def test_a_failed_job_is_started_again(self, jobs: Jobs, clock: PruneClock) -> None:
        take(jobs).finish("failed", reason="crash", claimed=4)
        clock.wait(5)
        job = jobs.restart(MODEL, NAME)
        assert (job.state, job.stage, job.progress, job.attempts, job.reason) == ("queued", "queued", 0.0, 0, None)
        assert (job.updated, job.claimed) == (clock(), 4)
        assert jobs.read(MODEL, NAME) == job
        assert take(jobs).job.attempts == 1

    @pytest.mark.parametrize("state", sorted(TERMINAL - {"failed"}))
    def test_any_other_end_is_final(self, jobs: Jobs, state: jobs_module.State) -> None:
        job = take(jobs).finish(state)
        assert jobs.restart(MODEL, NAME) == job == jobs.read(MODEL, NAME)

    def test_a_running_job_is_not_disturbed(self, jobs: Jobs) -> None:
        lease = take(jobs)
        assert jobs.restart(MODEL, NAME) == lease.job
        assert lease.update(stage="fit").stage == "fit"
