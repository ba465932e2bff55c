"""Following production: what is promoted serves next, what cannot be loaded never takes its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from functions.core.errors import DamagedRecordError, DamagedVersionError, NotReadyError, StorageError
from functions.core.local_storage import LocalStorage
from functions.core.manifest import Manifest
from functions.core.registry import Registry
from functions.core.storage import StoredObject
from functions.predictors.loaded import LoadedVersion
from functions.predictors.served import ServedModel

Publish = Callable[..., Manifest]
CHURN = "churn"


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(LocalStorage(tmp_path))


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


@pytest.mark.parametrize(("retry_seconds", "serving"), [(3600.0, 1), (0.0, 2)])
def test_a_damaged_version_leaves_the_old_one_serving_and_is_tried_again_after_a_while(
    registry: Registry,
    publish: Publish,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    retry_seconds: float,
    serving: int,
) -> None:
    monkeypatch.setattr("functions.predictors.served.RETRY_SECONDS", retry_seconds)
    served = ServedModel(registry, CHURN)
    _promote(registry, publish(registry).version)
    assert _serving(served) == 1
    graph = tmp_path / f"models/{CHURN}/versions/{publish(registry).version}/model.onnx"
    whole = graph.read_bytes()
    graph.write_bytes(whole[:-1])
    _promote(registry, 2)
    assert _serving(served) == 1
    graph.write_bytes(whole)
    assert _serving(served) == serving


def test_a_damaged_version_alone_is_not_ready(registry: Registry, publish: Publish, tmp_path: Path) -> None:
    _promote(registry, publish(registry).version)
    (tmp_path / f"models/{CHURN}/versions/1/model.onnx").unlink()
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
    assert _serving(served) == 1
    assert f"models/{CHURN}/production.json cannot be read" in caplog.text
    with pytest.raises(DamagedRecordError, match=r"production\.json cannot be read"):
        ServedModel(registry, CHURN).current()
    _promote(registry, publish(registry).version)
    assert _serving(served) == 2


def test_a_version_whose_manifest_was_changed_by_hand_is_damage_whatever_it_raises(
    registry: Registry, publish: Publish
) -> None:
    served = ServedModel(registry, CHURN)
    good = publish(registry)
    _promote(registry, good.version)
    assert _serving(served) == 1
    wrong = replace(good, version=registry.claim(CHURN), limits=replace(good.limits, max_instances="many"))  # type: ignore[arg-type]
    graph = registry.artifact(good, "model.onnx")
    registry.publish(wrong, {"model.onnx": graph})
    _promote(registry, 2)
    assert _serving(served) == 1
    with pytest.raises(DamagedVersionError, match="churn version 2 cannot answer its own example: TypeError"):
        LoadedVersion.load(registry, CHURN, 2)


class _Failing:
    """A storage that stops answering."""

    def __init__(self, storage: LocalStorage) -> None:
        self._storage = storage
        self.is_down = False
        self.questions = 0

    def read(self, key: str) -> StoredObject:
        return self._storage.read(key)

    def read_if_changed(self, key: str, etag: str) -> StoredObject | None:
        self.questions += 1
        if self.is_down:
            raise StorageError("no answer")
        return self._storage.read_if_changed(key, etag)


def test_an_outage_of_the_registry_leaves_the_loaded_version_serving(
    registry: Registry, publish: Publish, tmp_path: Path
) -> None:
    _promote(registry, publish(registry).version)
    failing = _Failing(LocalStorage(tmp_path))
    served = ServedModel(Registry(failing), CHURN)  # type: ignore[arg-type]
    assert _serving(served) == 1
    failing.is_down = True
    assert _serving(served) == 1
    publish(registry)
    _promote(registry, 2)
    failing.is_down = False
    assert _serving(served) == 2


def test_within_its_freshness_the_registry_is_not_asked(registry: Registry, publish: Publish, tmp_path: Path) -> None:
    _promote(registry, publish(registry).version)
    asked = _Failing(LocalStorage(tmp_path))
    served = ServedModel(Registry(asked), CHURN, freshness_seconds=3600.0)  # type: ignore[arg-type]
    for _ in range(3):
        served.current()
    assert asked.questions == 0
