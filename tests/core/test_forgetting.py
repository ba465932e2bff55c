"""A person's rows: found by their id, gone from every object and its past, and nothing else with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from functions.aws.s3_storage import S3Storage
from functions.core import training_data
from functions.core.clock import now
from functions.core.errors import ConflictError, DamagedVersionError
from functions.core.forgetting import Forgetting, Found, TrainedOn, Unsearched
from functions.core.jobs import Job, Jobs
from functions.core.local_storage import LocalStorage
from functions.core.manifest import Manifest, TrainingData
from functions.core.model_removal import ModelRemoval
from functions.core.registry import Registry
from functions.core.row_ids import RowIds, joined, store_ids, stored_ids
from functions.core.schema import Table
from functions.core.storage import Storage

Publish = Callable[..., Manifest]
TABLE: Table = {"tenure": [11, 31415926, 33], "churn": ["no", "yes", "no"]}
IDS = ("ana", "eva", "bo")
EVAS = b"31415926"
WRITES = ("create", "write", "delete", "erase_past")


@dataclass
class Place:
    """A registry and uploads on one kind of storage, and every byte that they hold, older versions too."""

    registry: Registry
    uploads: Storage
    contents: Callable[[], Mapping[str, list[bytes]]]
    publish: Publish

    def version(self, table: Table = TABLE, ids: tuple[str | None, ...] | None = IDS, **changes: Any) -> str:
        """Publish a version of churn that was trained on these rows; returns their digest."""
        storage = self.registry.storage
        digest = training_data.store(storage, table)
        rows = len(table["tenure"])
        store_ids(storage, digest, joined([], ids, RowIds("churn", digest, ()), rows))
        manifest = self.publish(self.registry)
        manifest = replace(manifest, data=TrainingData(digest, now(), rows, 0, "replace"), **changes)
        storage.write(f"models/churn/versions/{manifest.version}/manifest.json", manifest.to_json())
        return digest

    def forgetting(self, value: str = "eva", uploads: bool = True) -> Forgetting:
        return Forgetting(self.registry, self.uploads if uploads else None, "churn", value, rows_in_file)

    def forget(self, value: str = "eva") -> Found:
        found = self.forgetting(value).plan()
        self.forgetting(value).carry_out(found)
        return found

    def holding(self, body: bytes) -> list[str]:
        """The keys under which these bytes are, now or in an older version."""
        return sorted(key for key, bodies in self.contents().items() if any(body in one for one in bodies))


def rows_in_file(body: bytes, file_name: str) -> int | None:
    return None if b"?" in body else body.count(b"EVA")


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path, publish: Publish) -> Place:
    if request.param == "folder":
        root = tmp_path / "home"

        def files() -> dict[str, list[bytes]]:
            paths = (path for path in root.rglob("*") if path.is_file())
            return {path.relative_to(root).as_posix(): [path.read_bytes()] for path in paths}

        return Place(Registry(LocalStorage(root / "registry")), LocalStorage(root), files, publish)
    request.getfixturevalue("aws_environment")
    s3, bucket = request.getfixturevalue("s3"), request.getfixturevalue("versioned_bucket")

    def versions() -> dict[str, list[bytes]]:
        found: dict[str, list[bytes]] = {}
        for one in s3.list_object_versions(Bucket=bucket).get("Versions", ()):
            stored = s3.get_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])
            found.setdefault(one["Key"], []).append(stored["Body"].read())
        return found

    return Place(Registry(S3Storage(bucket, "registry")), S3Storage(bucket), versions, publish)


def test_rows_go_from_the_table_and_its_past_and_the_rest_is_loaded_by_the_old_digest(place: Place) -> None:
    digest = place.version()
    place.registry.promote_now("churn", 1, actor="ana", pinned=False)
    storage, manifest = place.registry.storage, place.registry.manifest("churn", 1)
    assert place.forgetting().plan() == Found((TrainedOn(1, 1, True, False),), (digest,))
    assert place.holding(EVAS) == [f"registry/data/{digest}"], "a plan changes nothing"
    place.forget()
    assert place.holding(EVAS) == []
    assert training_data.load(storage, digest) == {"tenure": [11, 33], "churn": ["no", "no"]}
    record = training_data.forgotten(storage, digest)
    assert record is not None
    assert (record.rows, record.digest) == (1, training_data.current(storage, digest))
    (ids,) = stored_ids(storage, record.digest)
    assert (ids.of("bo"), ids.of("eva")) == ([False, True], [False, False])
    assert stored_ids(storage, digest) == ()
    assert place.registry.manifest("churn", 1) == manifest
    assert place.forgetting().plan() == Found()


def test_several_people_are_forgotten_one_after_another(place: Place) -> None:
    digest = place.version()
    for value in ("eva", "ana", "bo"):
        assert [one.rows for one in place.forget(value).versions] == [1]
    assert training_data.load(place.registry.storage, digest) == {"tenure": [], "churn": []}
    assert place.holding(b"11,33") == []


def test_each_version_says_how_many_rows_and_whether_its_example_is_one(place: Place) -> None:
    place.version(ids=("ana", "ana", "bo"), example={"tenure": 11, "gender": "female"})
    place.version({"tenure": [1, 2], "churn": ["no", "no"]}, ("ana", "bo"), example={"tenure": 2})
    place.version({"tenure": [3], "churn": ["no"]}, ("bo",))
    assert place.forgetting("ana").plan().versions == (TrainedOn(1, 2, False, True), TrainedOn(2, 1, False, False))


def test_equal_tables_with_other_ids_are_searched_by_both(place: Place) -> None:
    place.version(ids=("ana", "bo", "cy"))
    digest = place.version(ids=IDS)
    assert [one.rows for one in place.forget().versions] == [1, 1]
    left = stored_ids(place.registry.storage, training_data.current(place.registry.storage, digest))
    assert sorted(tuple(part.of("ana")) for part in left) == [(True, False), (True, False)]
    assert [one.rows for one in place.forgetting("cy").plan().versions] == [1, 1]


def test_an_id_of_another_model_is_another_person(place: Place) -> None:
    digest = place.version(ids=None)
    store_ids(place.registry.storage, digest, [RowIds("other", digest, ()).extended(IDS)])
    assert place.forgetting().plan().is_nothing


def test_rows_of_a_training_that_ended_without_a_version_go_too(place: Place) -> None:
    storage = place.registry.storage
    digest = training_data.store(storage, TABLE)
    store_ids(storage, digest, [RowIds("churn", digest, ()).extended(IDS)])
    found = place.forget()
    assert (found.versions, found.tables) == ((), (digest,))
    assert place.holding(EVAS) == []


def test_rows_that_retention_removed_leave_no_past(place: Place) -> None:
    digest = place.version()
    training_data.delete(place.registry.storage, digest)
    assert place.forget().is_nothing
    assert place.holding(EVAS) == []


def test_rows_without_ids_are_told_by_version(place: Place) -> None:
    place.version(ids=None)
    place.version({"tenure": [1, 2], "churn": ["no", "no"]}, ("ana", None))
    place.version({"tenure": [3], "churn": ["no"]}, ("ana",))
    place.publish(place.registry)
    place.registry.storage.write("models/churn/versions/4/manifest.json", b"{")
    found = place.forgetting().plan()
    assert found.unsearched == (Unsearched(4, None), Unsearched(1, None), Unsearched(2, 1))


def test_ids_of_another_number_of_rows_are_refused(place: Place) -> None:
    digest = place.version()
    storage = place.registry.storage
    store_ids(storage, digest, [RowIds("churn", digest, ()).extended(("eva",))])
    with pytest.raises(DamagedVersionError, match="different numbers of rows"):
        place.forgetting().plan()


class TestUploads:
    def job(self, place: Place, upload: str, **changes: Any) -> Job:
        job = Job("a" * 32, "churn", upload, "replace", False, "ana", now(), "f", now(), now())
        return Jobs(place.registry.storage).create(replace(job, **changes))[0]

    def test_files_with_the_person_go_with_their_past_and_others_stay(self, place: Place) -> None:
        files = {"jobs/1/a.csv": b"EVA", "dropped.csv": b"EVA,EVA", "jobs/2/b.csv": b"bo", "unread.csv": b"?"}
        for name, body in files.items():
            place.uploads.write(f"uploads/churn/{name}", b"EVA before")
            place.uploads.write(f"uploads/churn/{name}", body)
        place.uploads.write("uploads/churn-2/c.csv", b"EVA")
        found = place.forget()
        assert found.files == {"uploads/churn/dropped.csv": 2, "uploads/churn/jobs/1/a.csv": 1}
        assert found.unread == ("uploads/churn/unread.csv",)
        assert place.uploads.keys("uploads/churn") == ["uploads/churn/jobs/2/b.csv", "uploads/churn/unread.csv"]
        assert place.holding(b"EVA") == ["uploads/churn-2/c.csv"]

    def test_a_file_of_an_unfinished_job_blocks_and_one_of_a_finished_job_does_not(self, place: Place) -> None:
        digest = place.version()
        place.uploads.write("uploads/churn/a.csv", b"EVA")
        job = self.job(place, "uploads/churn/a.csv")
        with pytest.raises(ConflictError, match="run again later"):
            place.forget()
        assert training_data.is_stored(place.registry.storage, digest)
        place.registry.storage.write(f"models/churn/jobs/{job.job}.json", replace(job, state="succeeded").to_json())
        place.forget()
        assert (place.holding(b"EVA"), place.holding(EVAS)) == ([], [])

    @pytest.mark.parametrize(("state", "mode", "blocks"), [("running", "extend", 1), ("running", "replace", 0)])
    def test_a_job_that_extends_may_have_read_the_rows(self, place: Place, state: str, mode: str, blocks: int) -> None:
        place.uploads.write("uploads/churn/a.csv", b"bo")
        self.job(place, "uploads/churn/a.csv", state=state, mode=mode, lease_until=now(plus_seconds=60))
        assert place.forgetting().plan().blocking == (), "there is no table with such rows"
        place.version()
        assert len(place.forgetting().plan().blocking) == blocks

    def test_uploads_that_are_not_known_are_not_searched(self, place: Place) -> None:
        place.uploads.write("uploads/churn/a.csv", b"EVA")
        forgetting = place.forgetting(uploads=False)
        forgetting.carry_out(forgetting.plan())
        assert place.uploads.keys("uploads") == ["uploads/churn/a.csv"]


@pytest.mark.parametrize("steps", range(9))
def test_a_removal_that_dies_is_ended_by_the_next(place: Place, steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = place.version()
    place.uploads.write("uploads/churn/a.csv", b"EVA")
    forgetting = place.forgetting()
    found = forgetting.plan()
    with monkeypatch.context() as patch:
        dying(place, steps, patch)
        with pytest.raises(KeyboardInterrupt):
            forgetting.carry_out(found)
    rows = training_data.load(place.registry.storage, digest)["tenure"]
    assert rows in ([11, 31415926, 33], [11, 33]), "a training that extends finds rows at every moment"
    place.forget()
    assert (place.holding(EVAS), place.holding(b"EVA")) == ([], [])
    assert training_data.load(place.registry.storage, digest)["tenure"] == [11, 33]
    ModelRemoval(place.registry, place.uploads, "churn").remove()
    assert place.registry.storage.keys("data") == []


def dying(place: Place, steps: int, patch: pytest.MonkeyPatch) -> None:
    """Let the process die at its next change after so many."""
    left: Iterator[int] = iter(range(steps))
    for storage in (place.registry.storage, place.uploads):
        for name in WRITES:
            change = getattr(storage, name)

            def changed(*arguments: Any, change: Callable[..., Any] = change) -> Any:
                if next(left, None) is None:
                    raise KeyboardInterrupt
                return change(*arguments)

            patch.setattr(storage, name, changed)


def test_rows_that_come_again_are_found_again(place: Place) -> None:
    digest = place.version()
    place.forget()
    place.version()
    assert training_data.load(place.registry.storage, digest) == TABLE
    assert [one.version for one in place.forget().versions] == [1, 2]
    assert place.holding(EVAS) == []
