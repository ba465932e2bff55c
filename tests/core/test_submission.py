"""Training requests: the same request is the same job, and a file never comes before its job."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from functions.core.definition import Definition
from functions.core.errors import ConflictError, InvalidInputError
from functions.core.history import Production
from functions.core.jobs import Job, Jobs
from functions.core.local_storage import LocalStorage
from functions.core.registry import Registry
from functions.core.schema import Feature, Schema
from functions.core.submission import Submissions, TrainingRequest, require_retrainable
from functions.core.uploads import Arrival, UploadKey

BODY = b'[{"rooms": 2, "price": 900}]'
DEFINITION = Definition(
    name="rent",
    task="tabular-regression",
    description="",
    schema=Schema((Feature("rooms", "integer"),), Feature("price", "number")),
    folder=Path("models/rent"),
    digest="d" * 64,
)


@dataclass
class Desk:
    """Submissions over two folders."""

    root: Path
    writes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.storage = RecordingStorage(self.root / "registry", self.writes)
        self.uploads = RecordingStorage(self.root / "home", self.writes)
        self.jobs = Jobs(self.storage)
        self.submissions = Submissions(Registry(self.storage), self.uploads)

    def submit(self, body: bytes = BODY, request: TrainingRequest | None = None) -> Job:
        return self.submissions.submit(DEFINITION, body, request or TrainingRequest())

    def promote(self, serial: int, data_time: str = "2026-01-01T00:00:00.000000Z") -> None:
        production = Production(serial, serial, None, "test", data_time, data_time)
        self.storage.write("models/rent/production.json", production.to_json())

    def finish(self, job: Job, state: str) -> None:
        lease = self.jobs.take("rent", job.job, owner="test")
        assert lease is not None
        lease.update(state=state, lease_owner=None, lease_until=None)


class RecordingStorage(LocalStorage):
    """Notes in `writes` what was written, in order."""

    def __init__(self, root: Path, writes: list[str]) -> None:
        super().__init__(root)
        self.writes = writes

    def write(self, key: str, body: bytes) -> str:
        self.writes.append(key)
        return super().write(key, body)

    def create(self, key: str, body: bytes) -> str:
        etag = super().create(key, body)
        self.writes.append(key)
        return etag


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_request_becomes_a_queued_job_and_its_file(desk: Desk) -> None:
    job = desk.submit(request=TrainingRequest("extend", force=True, actor="me"))
    assert (job.state, job.stage, job.mode, job.force, job.actor) == ("queued", "queued", "extend", True, "me")
    assert job.data_time == job.created == job.updated
    assert job.upload == f"uploads/rent/jobs/{job.job}/instances.json"
    assert UploadKey.parse(job.upload) == UploadKey("uploads", "rent", job.job)
    assert desk.jobs.read("rent", job.job) == job
    assert desk.uploads.read(job.upload).body == BODY


def test_a_sample_has_one_job_until_the_folder_changes(desk: Desk) -> None:
    job = desk.submissions.for_sample(DEFINITION, b"rooms,price")
    assert (job.state, job.actor, job.upload) == ("queued", "sample", f"uploads/rent/jobs/{job.job}/sample.csv")
    assert desk.writes.index(f"models/rent/jobs/{job.job}.json") < desk.writes.index(job.upload)
    assert desk.uploads.read(job.upload).body == b"rooms,price"
    desk.finish(job, "failed")
    desk.uploads.delete(job.upload)
    assert desk.submissions.for_sample(DEFINITION, b"rooms,price").job == job.job
    assert desk.writes.count(job.upload) == 1
    changed = replace(DEFINITION, digest="e" * 64)
    others = {desk.submissions.for_sample(*one).job for one in ((changed, b"rooms,price"), (DEFINITION, b"other"))}
    assert len(others | {job.job}) == 3


def test_the_data_of_a_request_is_no_older_than_the_production_that_it_saw(desk: Desk) -> None:
    ahead = "2999-01-01T00:00:00.000000Z"
    desk.promote(1, ahead)
    waiting = desk.submissions.await_upload(DEFINITION, "rows.csv", TrainingRequest())
    assert desk.submit().data_time == waiting.data_time == ahead
    desk.promote(2)
    assert desk.submit().data_time < ahead


def test_the_file_is_written_after_its_job(desk: Desk) -> None:
    job = desk.submit()
    record, note, file = desk.writes
    assert (record, file) == (f"models/rent/jobs/{job.job}.json", job.upload)
    assert note.startswith("models/rent/times/jobs/")


def test_the_same_request_is_the_same_job(desk: Desk) -> None:
    assert desk.submit() == desk.submit(request=TrainingRequest(actor="somebody else"))
    desk.promote(1)
    assert desk.submit() == desk.submit()


@pytest.mark.parametrize(
    ("body", "request_"),
    [(BODY + b" ", TrainingRequest()), (BODY, TrainingRequest("extend")), (BODY, TrainingRequest(force=True))],
)
def test_another_request_is_another_job(desk: Desk, body: bytes, request_: TrainingRequest) -> None:
    assert desk.submit().job != desk.submit(body, request_).job


def test_another_definition_is_another_job(desk: Desk) -> None:
    changed = replace(DEFINITION, digest="e" * 64)
    assert desk.submit().job != desk.submissions.submit(changed, BODY, TrainingRequest()).job


def test_after_a_promotion_the_same_request_is_a_new_job(desk: Desk) -> None:
    names = [desk.submit().job]
    for serial in (1, 2):
        desk.promote(serial)
        names.append(desk.submit().job)
    assert len(set(names)) == 3


def test_a_file_that_was_lost_before_the_job_began_is_written_again(desk: Desk) -> None:
    job = desk.submit()
    desk.uploads.delete(job.upload)
    assert desk.submit() == job
    assert desk.uploads.read(job.upload).body == BODY


@pytest.mark.parametrize("state", ["succeeded", "refused", "superseded", "running"])
def test_a_job_that_ran_is_answered_as_it_is(desk: Desk, state: str) -> None:
    job = desk.submit()
    desk.finish(job, state)
    desk.writes.clear()
    assert desk.submit() == desk.jobs.read("rent", job.job)
    assert desk.submit().state == state
    assert desk.writes == []


def test_a_failed_job_is_started_again_with_its_file(desk: Desk) -> None:
    job = desk.submit()
    desk.finish(job, "failed")
    desk.uploads.delete(job.upload)
    again = desk.submit()
    assert (again.job, again.state, again.attempts) == (job.job, "queued", 0)
    assert desk.uploads.read(job.upload).body == BODY


class TestIdempotencyKey:
    KEYED = TrainingRequest(idempotency_key="order-7")

    def test_it_names_the_job_independently_of_production(self, desk: Desk) -> None:
        job = desk.submit(request=self.KEYED)
        desk.promote(1)
        assert desk.submit(request=self.KEYED) == job
        assert desk.submit().job != job.job

    def test_another_key_is_another_job(self, desk: Desk) -> None:
        other = TrainingRequest(idempotency_key="order-8")
        assert desk.submit(request=self.KEYED).job != desk.submit(request=other).job

    @pytest.mark.parametrize(
        ("body", "request_"),
        [
            (BODY + b" ", KEYED),
            (BODY, replace(KEYED, mode="extend")),
            (BODY, replace(KEYED, force=True)),
        ],
    )
    def test_another_request_under_the_key_is_refused(self, desk: Desk, body: bytes, request_: TrainingRequest) -> None:
        job = desk.submit(request=self.KEYED)
        desk.writes.clear()
        with pytest.raises(InvalidInputError) as caught:
            desk.submit(body, request_)
        (fault,) = caught.value.faults
        assert (fault.loc, fault.type) == (("header", "idempotency-key"), "idempotency_key_reused")
        assert "use a new key" in fault.msg
        assert desk.writes == []
        assert desk.uploads.read(job.upload).body == BODY


class TestAwaitUpload:
    def test_a_job_waits_for_its_file(self, desk: Desk) -> None:
        job = desk.submissions.await_upload(DEFINITION, "rows.csv", TrainingRequest("extend", actor="me"))
        assert (job.state, job.stage, job.mode, job.actor) == ("waiting", "waiting", "extend", "me")
        assert job.upload == f"uploads/rent/jobs/{job.job}/rows.csv"
        assert desk.writes[0] == f"models/rent/jobs/{job.job}.json"
        assert not any(key.startswith("uploads/") for key in desk.writes)

    def test_every_request_is_a_job_of_its_own(self, desk: Desk) -> None:
        names = {desk.submissions.await_upload(DEFINITION, "rows.csv", TrainingRequest()).job for _ in range(2)}
        assert len(names) == 2

    def test_its_worker_may_take_it(self, desk: Desk) -> None:
        job = desk.submissions.await_upload(DEFINITION, "rows.csv", TrainingRequest())
        lease = desk.jobs.take("rent", job.job, owner="test")
        assert lease is not None
        assert lease.job.state == "running"


class TestForArrival:
    ARRIVAL = Arrival("uploads/rent/march/rows.csv", "etag-1", "2026-03-01T00:00:00.000000Z")

    def test_a_dropped_file_is_queued_as_it_arrived(self, desk: Desk) -> None:
        job = desk.submissions.for_arrival(DEFINITION, self.ARRIVAL)
        assert (job.state, job.stage, job.mode, job.force, job.actor) == (
            "queued",
            "queued",
            "replace",
            False,
            "upload",
        )
        assert (job.upload, job.data_time) == (self.ARRIVAL.key, self.ARRIVAL.time)
        assert desk.writes[0] == f"models/rent/jobs/{job.job}.json"
        assert not any(key.startswith("uploads/") for key in desk.writes)

    def test_every_notice_of_one_arrival_is_the_same_job(self, desk: Desk) -> None:
        first = desk.submissions.for_arrival(DEFINITION, self.ARRIVAL)
        later = replace(self.ARRIVAL, time="2026-03-02T00:00:00.000000Z")
        assert desk.submissions.for_arrival(DEFINITION, later) == first

    @pytest.mark.parametrize("change", [{"identity": "etag-2"}, {"key": "uploads/rent/april/rows.csv"}])
    def test_another_arrival_is_another_job(self, desk: Desk, change: dict[str, str]) -> None:
        first = desk.submissions.for_arrival(DEFINITION, self.ARRIVAL)
        assert desk.submissions.for_arrival(DEFINITION, replace(self.ARRIVAL, **change)).job != first.job


def test_a_model_that_is_trained_elsewhere_takes_no_rows() -> None:
    require_retrainable(DEFINITION)
    with pytest.raises(ConflictError, match="rent cannot be retrained here: train it elsewhere"):
        require_retrainable(replace(DEFINITION, retrainable=False))
