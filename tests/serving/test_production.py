"""Production followed in a folder and on S3: a promoted version serves next, one that cannot be loaded never does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from functions.core.errors import DamagedRecordError, DamagedVersionError, NotReadyError, StorageError
from functions.core.manifest import Manifest
from functions.core.model_removal import ModelRemoval
from functions.core.registry import Registry
from functions.core.storage import Storage, StoredObject
from functions.serving.production import ServedModel, _Serving
from functions.serving.version import LoadedVersion

Publish = Callable[..., Manifest]
CHURN = "churn"


@pytest.fixture
def registry(storage: Storage) -> Registry:
    return Registry(storage)


def _promote(registry: Registry, version: int) -> None:
    registry.promote_now(CHURN, version, actor="test", pinned=False)


def _serving(served: ServedModel) -> int:
    return served.current().manifest.version


def test_nothing_in_production_is_not_ready_and_the_first_promotion_serves(
    registry: Registry, publish: Publish
) -> None:
    served = ServedModel(registry, CHURN)
    with pytest.raises(NotReadyError, match="churn has no version"):
        served.current()
    _promote(registry, publish(registry).version)
    assert _serving(served) == 1


def test_every_promotion_and_rollback_serves_at_once(registry: Registry, publish: Publish) -> None:
    served = ServedModel(registry, CHURN)
    versions = [publish(registry).version for _ in range(3)]
    for version in (*versions, 1, 3, 2):
        _promote(registry, version)
        assert _serving(served) == version


def test_a_version_that_serves_on_is_not_loaded_again(registry: Registry, publish: Publish) -> None:
    served = ServedModel(registry, CHURN)
    _promote(registry, publish(registry).version)
    before = served.current()
    _promote(registry, 1)
    assert served.current() is before


def test_a_model_removed_and_made_again_serves_its_new_version_of_the_same_number(
    registry: Registry, publish: Publish
) -> None:
    served = ServedModel(registry, CHURN)
    old = publish(registry, leave=0.25)
    _promote(registry, old.version)
    assert served.current().manifest == old
    ModelRemoval(registry, None, CHURN).remove()
    with pytest.raises(NotReadyError, match="churn has no version"):
        served.current()
    assert not served.is_stale
    new = publish(registry, leave=0.75)
    assert new.version == old.version
    _promote(registry, new.version)
    assert served.current().manifest == new != old


def test_a_production_json_that_is_lost_leaves_the_loaded_version_serving(registry: Registry, publish: Publish) -> None:
    served = ServedModel(registry, CHURN)
    _promote(registry, publish(registry).version)
    assert _serving(served) == 1
    registry.storage.delete(f"models/{CHURN}/production.json")
    assert (_serving(served), served.is_stale) == (1, True)
    _promote(registry, 1)
    assert (_serving(served), served.is_stale) == (1, False)


@pytest.mark.parametrize(("retry_seconds", "serving"), [(3600.0, 1), (0.0, 2)])
def test_a_damaged_version_leaves_the_old_one_serving_and_is_tried_again_after_a_while(
    registry: Registry,
    publish: Publish,
    monkeypatch: pytest.MonkeyPatch,
    retry_seconds: float,
    serving: int,
) -> None:
    monkeypatch.setattr("functions.serving.production.RELOAD_SECONDS", retry_seconds)
    served = ServedModel(registry, CHURN)
    _promote(registry, publish(registry).version)
    assert (_serving(served), served.is_stale) == (1, False)
    graph = _graph(publish(registry).version)
    whole = registry.storage.read(graph).body
    registry.storage.write(graph, whole[:-1])
    _promote(registry, 2)
    assert [(_serving(served), served.is_stale) for _ in range(2)] == [(1, True)] * 2
    registry.storage.write(graph, whole)
    assert (_serving(served), served.is_stale) == (serving, serving == 1)


@pytest.mark.parametrize("name", ["model.onnx", "manifest.json"])
def test_a_version_of_which_a_file_is_missing_never_serves_and_going_back_ends_the_staleness(
    registry: Registry, publish: Publish, name: str
) -> None:
    served = ServedModel(registry, CHURN)
    _promote(registry, publish(registry).version)
    assert _serving(served) == 1
    _promote(registry, publish(registry).version)
    registry.storage.delete(_graph(2).replace("model.onnx", name))
    assert (_serving(served), served.is_stale) == (1, True)
    _promote(registry, 1)
    assert (_serving(served), served.is_stale) == (1, False)


def test_a_production_json_that_is_brought_back_as_it_was_ends_the_staleness(
    registry: Registry, publish: Publish
) -> None:
    served = ServedModel(registry, CHURN)
    _promote(registry, publish(registry).version)
    before = registry.storage.read(f"models/{CHURN}/production.json").body
    assert _serving(served) == 1
    registry.storage.delete(_graph(publish(registry).version))
    _promote(registry, 2)
    assert (_serving(served), served.is_stale) == (1, True)
    registry.storage.write(f"models/{CHURN}/production.json", before)
    assert (_serving(served), served.is_stale) == (1, False)


def test_a_version_for_which_there_is_no_memory_leaves_the_old_one_serving(
    registry: Registry, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_large(*_: object) -> bytes:
        raise MemoryError

    served = ServedModel(registry, CHURN)
    _promote(registry, publish(registry).version)
    assert _serving(served) == 1
    _promote(registry, publish(registry).version)
    monkeypatch.setattr(Registry, "artifact", too_large)
    assert (_serving(served), served.is_stale) == (1, True)


def test_a_damaged_version_alone_is_not_ready(registry: Registry, publish: Publish) -> None:
    _promote(registry, publish(registry).version)
    registry.storage.delete(_graph(1))
    with pytest.raises(NotReadyError):
        ServedModel(registry, CHURN).current()


def test_a_graph_that_onnxruntime_refuses_is_damage(registry: Registry, publish: Publish) -> None:
    served = ServedModel(registry, CHURN)
    good = publish(registry)
    _promote(registry, good.version)
    assert _serving(served) == 1
    registry.publish(replace(good, version=registry.claim(CHURN)), {"model.onnx": b"no graph"})
    _promote(registry, 2)
    assert _serving(served) == 1


@pytest.mark.parametrize("body", [b"", b"{", b'{"version": "two"}'])
def test_a_damaged_pointer_leaves_the_loaded_version_serving_and_is_named_to_who_has_none(
    registry: Registry, publish: Publish, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    served = ServedModel(registry, CHURN)
    _promote(registry, publish(registry).version)
    assert _serving(served) == 1
    registry.storage.write(f"models/{CHURN}/production.json", body)
    assert (_serving(served), served.is_stale) == (1, True)
    assert f"models/{CHURN}/production.json cannot be read" in caplog.text
    with pytest.raises(DamagedRecordError, match=r"production\.json cannot be read"):
        ServedModel(registry, CHURN).current()
    _promote(registry, publish(registry).version)
    assert (_serving(served), served.is_stale) == (2, False)


def test_any_error_of_a_manifest_changed_by_hand_is_damage(registry: Registry, publish: Publish) -> None:
    served = ServedModel(registry, CHURN)
    good = publish(registry)
    _promote(registry, good.version)
    assert _serving(served) == 1
    graph = registry.artifact(good, "model.onnx")
    registry.publish(replace(good, version=registry.claim(CHURN), example={}), {"model.onnx": graph})
    _promote(registry, 2)
    assert _serving(served) == 1
    with pytest.raises(DamagedVersionError, match="churn version 2 cannot answer its own example: InvalidInputError"):
        LoadedVersion.load(registry, CHURN, 2)


def test_a_version_whose_manifest_has_a_value_of_another_type_cannot_be_promoted(
    registry: Registry, publish: Publish
) -> None:
    good = publish(registry)
    limits = replace(good.limits, max_instances="many")  # type: ignore[arg-type]
    graph = registry.artifact(good, "model.onnx")
    registry.publish(replace(good, version=registry.claim(CHURN), limits=limits), {"model.onnx": graph})
    with pytest.raises(
        DamagedVersionError, match=r'limits\.max_instances: a whole number is expected, "many" was found'
    ):
        _promote(registry, 2)


class _Watched:
    """A storage that counts questions after changes, stops answering, and lets a test in before some answers."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self.is_down = False
        self.questions = 0
        self.graphs = 0
        self.before_answer: Callable[[str], None] = lambda key: None

    def read(self, key: str) -> StoredObject:
        self.graphs += key.endswith(".onnx")
        found = self._storage.read(key)
        self.before_answer(key)
        return found

    def read_if_changed(self, key: str, etag: str) -> StoredObject | None:
        self.questions += 1
        if self.is_down:
            raise StorageError("no answer")
        found = self._storage.read_if_changed(key, etag)
        self.before_answer(key)
        return found


@pytest.fixture
def watched(storage: Storage) -> _Watched:
    return _Watched(storage)


@pytest.fixture
def followed(watched: _Watched, registry: Registry, publish: Publish) -> ServedModel:
    """Churn through the watched storage, of which version 1 serves."""
    _promote(registry, publish(registry).version)
    served = ServedModel(Registry(watched), CHURN)  # type: ignore[arg-type]
    assert _serving(served) == 1
    return served


def test_an_outage_of_the_registry_leaves_the_loaded_version_serving(
    registry: Registry, publish: Publish, watched: _Watched, followed: ServedModel
) -> None:
    watched.is_down = True
    assert (_serving(followed), followed.is_stale) == (1, True)
    _promote(registry, publish(registry).version)
    watched.is_down = False
    assert (_serving(followed), followed.is_stale) == (2, False)


def test_an_outage_in_which_nothing_was_promoted_leaves_nothing_stale(watched: _Watched, followed: ServedModel) -> None:
    watched.is_down = True
    assert (_serving(followed), followed.is_stale) == (1, True)
    watched.is_down = False
    assert (_serving(followed), followed.is_stale) == (1, False)


def test_within_its_freshness_the_registry_is_not_asked(
    registry: Registry, publish: Publish, watched: _Watched
) -> None:
    _promote(registry, publish(registry).version)
    served = ServedModel(Registry(watched), CHURN, freshness_seconds=3600.0)  # type: ignore[arg-type]
    for _ in range(3):
        served.current()
    assert watched.questions == 0


def test_all_threads_that_hear_of_a_promotion_wait_for_one_loading_and_get_the_new_version(
    registry: Registry, publish: Publish, watched: _Watched, followed: ServedModel
) -> None:
    threads = 4
    all_have_asked = threading.Barrier(threads)

    def wait_for_the_others(key: str) -> None:
        if key.endswith("production.json") and watched.graphs == loaded_before:
            all_have_asked.wait()

    _promote(registry, publish(registry).version)
    loaded_before = watched.graphs
    watched.before_answer = wait_for_the_others
    with ThreadPoolExecutor(threads) as pool:
        assert [one.result() for one in [pool.submit(_serving, followed) for _ in range(threads)]] == [2] * threads
    assert watched.graphs == loaded_before + 1


def test_a_thread_that_heard_of_an_older_promotion_does_not_bring_it_back(
    registry: Registry, publish: Publish, watched: _Watched, followed: ServedModel
) -> None:
    has_asked, may_go_on = threading.Event(), threading.Event()

    def hold_the_first(key: str) -> None:
        if not has_asked.is_set():
            has_asked.set()
            may_go_on.wait()

    _promote(registry, publish(registry).version)
    watched.before_answer = hold_the_first
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(_serving, followed)
        has_asked.wait()
        _promote(registry, publish(registry).version)
        assert _serving(followed) == 3
        loaded = watched.graphs
        may_go_on.set()
        assert slow.result() == 3
    assert _serving(followed) == 3
    assert watched.graphs == loaded


def test_while_versions_change_no_thread_fails_or_answers_with_one_older_than_its_question(
    registry: Registry, publish: Publish, followed: ServedModel
) -> None:
    promoted, is_over = [1], threading.Event()

    def ask() -> int:
        answers = 0
        while not is_over.is_set():
            at_least = promoted[-1]
            version = followed.current()
            assert version.predict(version.validate([dict(version.manifest.example)])).version >= at_least
            answers += 1
        return answers

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask) for _ in range(4)]
        for _ in range(10):
            version = publish(registry).version
            _promote(registry, version)
            promoted.append(version)
        is_over.set()
        assert all(one.result() > 0 for one in asking)
    assert _serving(followed) == promoted[-1] == 11


class _TakenAway(ServedModel):
    """A model whose version another thread takes away after `looks` at it, as the one does that follows a removal."""

    looks = 1000

    @property
    def _serving(self) -> _Serving | None:
        self.looks -= 1
        return self._held if self.looks >= 0 else None

    @_serving.setter
    def _serving(self, serving: _Serving | None) -> None:
        self._held = serving


@pytest.mark.parametrize("looks", range(1, 4))
def test_a_version_that_another_thread_takes_away_meanwhile_is_answered_or_not_ready(
    registry: Registry, publish: Publish, looks: int
) -> None:
    _promote(registry, publish(registry).version)
    served = _TakenAway(registry, CHURN, freshness_seconds=3600.0)
    assert _serving(served) == 1
    ModelRemoval(registry, None, CHURN).remove()
    served.looks = looks
    assert _serving(served) == 1
    served.looks = 0
    with pytest.raises(NotReadyError, match="churn has no version"):
        served.current()


def _graph(version: int) -> str:
    return f"models/{CHURN}/versions/{version}/model.onnx"
