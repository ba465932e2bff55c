"""Versions, promotions and their history, on a folder and on S3."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.core.errors import (
    ConflictError,
    DamagedRecordError,
    DamagedVersionError,
    NotFoundError,
    ObjectNotFoundError,
    PreconditionFailedError,
)
from functions.core.excerpts import Excerpt
from functions.core.local_storage import LocalStorage
from functions.core.manifest import Artifact, Manifest
from functions.core.registry import Pointer, Registry
from functions.core.storage import Storage
from functions.core.verdicts import Verdict, record_verdict
from tests.generated import examples

WORKERS = 8
Result = TypeVar("Result")
Publish = Callable[..., Manifest]


@pytest.fixture
def registry(storage: Storage) -> Registry:
    return Registry(storage)


def test_concurrent_publishers_get_a_version_each(registry: Registry, publish: Publish) -> None:
    published = _at_once(lambda worker: publish(registry, leave=worker / WORKERS))
    versions = [manifest.version for manifest in published]
    assert sorted(versions) == registry.versions("churn") == list(range(1, WORKERS + 1))
    for manifest in published:
        assert registry.manifest("churn", manifest.version) == manifest
        assert Artifact.of(registry.artifact(manifest, "model.onnx")) == manifest.artifacts["model.onnx"]


def test_numbers_of_claims_that_came_to_nothing_are_not_used_again(registry: Registry, publish: Publish) -> None:
    assert registry.claim("churn") == 1
    assert publish(registry).version == 2
    assert registry.versions("churn") == [2]


def test_versions_are_in_the_order_of_their_numbers(registry: Registry, publish: Publish) -> None:
    for version in (10, 9, 2):
        publish(registry, version=version)
    assert registry.versions("churn") == [2, 9, 10]
    assert registry.claim("churn") == 11


def test_files_without_a_manifest_are_no_version(registry: Registry, publish: Publish) -> None:
    publish(registry)
    version = registry.claim("churn")
    registry.storage.write(f"models/churn/versions/{version}/model.onnx", b"half a publication")
    assert registry.versions("churn") == [1]
    with pytest.raises(NotFoundError, match="no version 2; list the versions of churn"):
        registry.manifest("churn", version)
    with pytest.raises(NotFoundError):
        registry.promote_now("churn", version, actor="ana", pinned=False)


def test_the_manifest_is_written_after_every_file(storage: Storage, publish: Publish) -> None:
    keys: list[str] = []

    class Noting:
        def __getattr__(self, name: str) -> object:
            method = getattr(storage, name)

            def noted(key: str, *rest: object) -> object:
                if name in ("write", "create"):
                    keys.append(key.rpartition("/")[2])
                return method(key, *rest)

            return noted

    publish(Registry(Noting()))  # type: ignore[arg-type]
    assert keys == ["claim.json", "model.onnx", "performance.json", "manifest.json", "published.json"]


def test_a_published_version_never_changes(registry: Registry, publish: Publish) -> None:
    first = publish(registry)
    with pytest.raises(ConflictError, match="version 1 is published already"):
        publish(registry, version=1)
    assert registry.manifest("churn", 1) == first


@pytest.mark.parametrize("name", ["../model.onnx", "a/b", "", ".hidden"])
def test_files_of_a_version_have_plain_names(registry: Registry, publish: Publish, name: str) -> None:
    manifest = publish(registry)
    with pytest.raises(ValueError, match="is no file name"):
        registry.publish(replace(manifest, version=2), {name: b"1"})


def test_a_changed_file_is_refused_by_its_key(registry: Registry, publish: Publish) -> None:
    manifest = publish(registry)
    whole = registry.artifact(manifest, "model.onnx")
    registry.storage.write("models/churn/versions/1/model.onnx", whole[:-1] + b"?")
    with pytest.raises(DamagedVersionError, match=r"models/churn/versions/1/model.onnx differs"):
        registry.artifact(manifest, "model.onnx")


def test_a_missing_file_is_named_by_its_key(registry: Registry, publish: Publish) -> None:
    manifest = publish(registry)
    registry.storage.delete("models/churn/versions/1/model.onnx")
    with pytest.raises(DamagedVersionError, match=r"models/churn/versions/1/model.onnx is missing"):
        registry.artifact(manifest, "model.onnx")
    with pytest.raises(DamagedVersionError, match=r"versions/1/extra.json: the manifest knows no such file"):
        registry.artifact(manifest, "extra.json")


def test_an_unreadable_manifest_or_pointer_is_named(registry: Registry, publish: Publish) -> None:
    publish(registry)
    registry.storage.write("models/churn/versions/1/manifest.json", b"{")
    with pytest.raises(DamagedVersionError, match=r"models/churn/versions/1/manifest.json cannot be read"):
        registry.manifest("churn", 1)
    for body in (b"", b"[1]", b'{"version": 1}', b'{"mode": "new"}', b"\xff", b"[" * 5000):
        registry.storage.write("models/churn/production.json", body)
        with pytest.raises(DamagedRecordError, match=r"models/churn/production.json cannot be read"):
            registry.pointer("churn")


def test_nothing_is_in_production_at_first(registry: Registry) -> None:
    assert registry.pointer("churn") == Pointer(None, None)
    assert registry.history("churn") == []
    assert registry.versions("churn") == []


def test_a_promotion_says_what_when_and_by_whom(registry: Registry, publish: Publish) -> None:
    for _ in range(2):
        publish(registry)
    first = registry.promote_now("churn", 1, actor="ana", pinned=False)
    second = registry.promote_now("churn", 2, actor="luis", pinned=True)
    assert (first.version, first.serial, first.previous, first.actor, first.pinned) == (1, 1, None, "ana", False)
    assert (second.version, second.serial, second.previous, second.actor, second.pinned) == (2, 2, 1, "luis", True)
    data = registry.manifest("churn", 2).data
    assert data is not None
    assert second.data_time == data.time
    assert registry.pointer("churn").production == second
    assert registry.history("churn") == [first, second]


def test_of_two_first_promotions_one_wins(registry: Registry, publish: Publish) -> None:
    nothing = registry.pointer("churn")
    for _ in range(2):
        publish(registry)
    registry.promote("churn", 1, actor="ana", expected=nothing)
    with pytest.raises(PreconditionFailedError):
        registry.promote("churn", 2, actor="luis", expected=nothing)
    assert [one.version for one in registry.history("churn")] == [1]


def test_a_promotion_over_a_stale_pointer_is_refused(registry: Registry, publish: Publish) -> None:
    for _ in range(3):
        publish(registry)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    stale = registry.pointer("churn")
    registry.promote("churn", 2, actor="ana", expected=stale)
    with pytest.raises(PreconditionFailedError):
        registry.promote("churn", 3, actor="luis", expected=stale)
    assert [one.version for one in registry.history("churn")] == [1, 2]


def test_a_reader_hears_of_promotions_only(registry: Registry, publish: Publish) -> None:
    publish(registry)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    etag = registry.pointer("churn").etag
    assert etag is not None
    assert registry.pointer_if_changed("churn", etag) is None
    again = registry.promote_now("churn", 1, actor="ana", pinned=False)
    changed = registry.pointer_if_changed("churn", etag)
    assert changed is not None
    assert changed.production == again
    registry.storage.delete("models/churn/production.json")
    with pytest.raises(ObjectNotFoundError):
        registry.pointer_if_changed("churn", etag)
    for key in registry.storage.keys("models/churn/history"):
        registry.storage.delete(key)
    assert registry.pointer_if_changed("churn", etag) == Pointer(None, None)


def test_interleaved_promoters_leave_a_whole_history(registry: Registry, publish: Publish) -> None:
    versions = [publish(registry).version for _ in range(WORKERS)]

    def promote(worker: int) -> list[int]:
        serials: list[int] = []
        while len(serials) < 3:
            try:
                serials.append(registry.promote_now("churn", versions[worker], actor=str(worker), pinned=False).serial)
            except ConflictError:
                continue
        return serials

    serials = [serial for found in _at_once(promote) for serial in found]
    history = registry.history("churn")
    assert [one.serial for one in history] == list(range(1, 3 * WORKERS + 1)) == sorted(serials)
    assert [one.previous for one in history] == [None, *(one.version for one in history[:-1])]
    assert all(one.actor == str(versions.index(one.version)) for one in history)
    assert registry.pointer("churn").production == history[-1]


def test_a_record_lost_to_a_crash_is_shown_by_readers_and_written_by_none(registry: Registry, publish: Publish) -> None:
    publish(registry)
    first = registry.promote_now("churn", 1, actor="ana", pinned=False)
    second = registry.promote_now("churn", 1, actor="luis", pinned=False)
    registry.storage.delete("models/churn/history/2.json")
    before = registry.storage.keys("")
    assert registry.newest_promotions("churn", 0, 1) == Excerpt([second], 2)
    assert registry.newest_promotions("churn", 1, 1) == Excerpt([first], 2)
    assert registry.storage.keys("") == before


def test_a_record_lost_to_a_crash_is_written_by_the_next_promoter(registry: Registry, publish: Publish) -> None:
    publish(registry)
    first = registry.promote_now("churn", 1, actor="ana", pinned=False)
    registry.storage.delete("models/churn/history/1.json")
    second = registry.promote_now("churn", 1, actor="luis", pinned=False)
    assert registry.history("churn") == [first, second]


def test_history_never_changes(registry: Registry, publish: Publish) -> None:
    publish(registry)
    first = registry.promote_now("churn", 1, actor="ana", pinned=False)
    before = registry.storage.read("models/churn/history/1.json")
    registry.promote_now("churn", 1, actor="luis", pinned=True)
    registry.history("churn")
    assert registry.storage.read("models/churn/history/1.json") == before
    assert orjson.loads(before.body)["actor"] == first.actor == "ana"


@pytest.mark.parametrize("body", [b"", b"{", b'{"version": "two"}', None])
def test_a_promotion_mends_a_production_json_that_cannot_be_read(
    registry: Registry, publish: Publish, body: bytes | None
) -> None:
    for version in (1, 2):
        publish(registry)
        last = registry.promote_now("churn", version, actor="ana", pinned=False)
    if body is None:
        registry.storage.delete("models/churn/production.json")
    else:
        registry.storage.write("models/churn/production.json", body)
    assert registry.promotable("churn").production == last
    assert not registry.promotable("churn").is_whole
    assert registry.history("churn")[-1] == last
    mended = registry.promote_now("churn", 1, actor="luis", pinned=False)
    assert (mended.serial, mended.previous) == (3, 2)
    assert registry.pointer("churn").production == mended
    assert [one.serial for one in registry.history("churn")] == [1, 2, 3]


def test_a_first_promotion_is_made_over_a_damaged_production_json(registry: Registry, publish: Publish) -> None:
    registry.storage.write("models/churn/production.json", b"?")
    publish(registry)
    assert registry.promote_now("churn", 1, actor="ana", pinned=False).serial == 1
    assert [one.version for one in registry.history("churn")] == [1]


def test_of_two_promotions_over_a_damaged_production_json_one_wins(registry: Registry, publish: Publish) -> None:
    for _ in range(2):
        publish(registry)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    registry.storage.write("models/churn/production.json", b"?")
    seen = registry.promotable("churn")
    registry.promote("churn", 2, actor="ana", expected=seen)
    with pytest.raises(PreconditionFailedError):
        registry.promote("churn", 1, actor="luis", expected=seen)


def test_a_damaged_promotion_is_left_out_of_the_history(
    registry: Registry, publish: Publish, caplog: pytest.LogCaptureFixture
) -> None:
    publish(registry)
    done = [registry.promote_now("churn", 1, actor="ana", pinned=False) for _ in range(3)]
    registry.storage.write("models/churn/history/2.json", b'{"serial": 2')
    assert registry.history("churn") == [done[0], done[2]]
    assert "models/churn/history/2.json cannot be read" in caplog.text
    registry.storage.write("models/churn/history/3.json", b"")
    assert registry.history("churn") == [done[0], done[2]]  # production.json has the newest too


@pytest.mark.parametrize("name", ["abc", "007", "0", "-1", "1.5", "٣", "1e3"])
def test_what_is_no_number_among_the_versions_is_no_version(registry: Registry, publish: Publish, name: str) -> None:
    publish(registry)
    registry.storage.write(f"models/churn/versions/{name}/manifest.json", b"{}")
    assert registry.versions("churn") == [1]
    assert registry.claim("churn") == 2


def test_the_manifest_of_production_says_which_pointer_is_wrong(registry: Registry, publish: Publish) -> None:
    assert registry.production_manifest("churn") is None
    manifest = publish(registry)
    production = registry.promote_now("churn", 1, actor="ana", pinned=False)
    assert registry.production_manifest("churn") == manifest
    registry.storage.write("models/churn/production.json", replace(production, version=9).to_json())
    with pytest.raises(DamagedVersionError, match=r"models/churn/production.json: no version 9: roll back"):
        registry.production_manifest("churn")


def test_a_version_that_cannot_be_read_is_left_out_of_lists(
    registry: Registry, publish: Publish, caplog: pytest.LogCaptureFixture
) -> None:
    manifest = publish(registry)
    assert registry.readable("churn", 1) == manifest
    registry.storage.write("models/churn/versions/1/manifest.json", b'{"format_version": 99}')
    assert registry.readable("churn", 1) is None
    assert registry.newest_versions("churn", 0, 50) == Excerpt([], 1)
    assert "models/churn/versions/1/manifest.json: the registry has format version 99" in caplog.text


def test_one_number_is_published_once_and_whole_by_attempts_with_the_same_files(
    registry: Registry, publish: Publish
) -> None:
    """An attempt wrote a part and fell asleep; another finished under its number."""
    first = publish(registry)
    version = registry.claim("churn")
    files = {name: registry.artifact(first, name) for name in first.artifacts}
    registry.storage.write(f"models/churn/versions/{version}/model.onnx", files["model.onnx"])
    second = registry.publish(replace(first, version=version), files)
    assert registry.manifest("churn", version) == second
    with pytest.raises(ConflictError, match="published already"):
        registry.publish(replace(first, version=version), files)


def test_of_attempts_with_other_files_under_one_number_none_writes_over_the_other(
    registry: Registry, publish: Publish
) -> None:
    """The one that came second leaves its own in the way of what the first one still has to write."""
    first = publish(registry)
    version = registry.claim("churn")
    registry.storage.write(f"models/churn/versions/{version}/model.onnx", b"of the sleeper")
    files = {"model.onnx": b"of the other", "performance.json": b"of the other"}
    with pytest.raises(ConflictError, match=r"versions/2 has another model.onnx: publish under another number"):
        registry.publish(replace(first, version=version), files)
    with pytest.raises(ConflictError, match=r"has another performance.json"):
        registry.publish(replace(first, version=version), dict.fromkeys(files, b"of the sleeper"))
    assert registry.versions("churn") == [1]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("look"), st.integers(0, 2), st.just(0)),
        st.tuples(st.just("promote"), st.integers(0, 2), st.integers(1, 3)),
        st.tuples(st.just("crash"), st.integers(0, 2), st.integers(1, 3)),
        st.tuples(st.just("history"), st.just(0), st.just(0)),
    ),
    max_size=25,
)


@examples(40, share_fixtures=True)
@given(steps=STEPS)
def test_any_interleaving_of_three_promoters_keeps_pointer_and_history_whole(
    tmp_path_factory: pytest.TempPathFactory, publish: Publish, steps: list[tuple[str, int, int]]
) -> None:
    """Each promoter looks, and promotes later over what it saw; a crash loses the record after the pointer."""
    registry = Registry(LocalStorage(tmp_path_factory.mktemp("registry")))
    for _ in range(3):
        publish(registry)
    seen = [registry.pointer("churn")] * 3
    expected: list[int] = []
    for action, promoter, version in steps:
        if action == "look":
            seen[promoter] = registry.pointer("churn")
        elif action == "history":
            assert [one.version for one in registry.history("churn")] == expected
        elif seen[promoter] == registry.pointer("churn"):
            done = registry.promote("churn", version, actor=str(promoter), expected=seen[promoter])
            expected.append(version)
            if action == "crash":
                registry.storage.delete(f"models/churn/history/{done.serial}.json")
        else:
            with pytest.raises(PreconditionFailedError):
                registry.promote("churn", version, actor=str(promoter), expected=seen[promoter])
    history = registry.history("churn")
    assert [one.version for one in history] == expected
    assert [one.serial for one in history] == list(range(1, len(expected) + 1))


def _at_once(work: Callable[[int], Result]) -> list[Result]:
    start = threading.Barrier(WORKERS)

    def run(worker: int) -> Result:
        start.wait()
        return work(worker)

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(run, range(WORKERS)))


def test_a_promotion_by_hand_says_so_and_what_the_gate_said_against_it(registry: Registry, publish: Publish) -> None:
    for _ in range(2):
        publish(registry)
    record_verdict(registry.storage, "churn", 2, Verdict(False, "r2 0.1 is below the floor 0.3", "ana"))
    reasons = [registry.promote_now("churn", version, actor="ana", pinned=False).reason for version in (1, 2)]
    assert reasons == ["chosen by hand", "chosen by hand, against: r2 0.1 is below the floor 0.3"]
    assert [one.reason for one in registry.history("churn")] == reasons


def test_a_promotion_of_an_older_release_has_no_reason(registry: Registry, publish: Publish) -> None:
    publish(registry)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    for key in ("models/churn/production.json", "models/churn/history/1.json"):
        document = orjson.loads(registry.storage.read(key).body)
        del document["reason"]
        registry.storage.write(key, orjson.dumps(document))
    assert registry.production("churn") == registry.history("churn")[0]
    assert registry.history("churn")[0].reason is None
