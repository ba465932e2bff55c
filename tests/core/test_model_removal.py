"""Removal of a model: all of it, and nothing of any other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from functions.core import training_data
from functions.core.errors import ObjectNotFoundError
from functions.core.local_storage import LocalStorage
from functions.core.lookups import StoredPrediction
from functions.core.manifest import Manifest, TrainingData
from functions.core.model_removal import Held, ModelRemoval
from functions.core.registry import Registry
from functions.core.row_ids import RowIds, store_ids
from functions.core.storage import Storage
from tests.predictions_in_memory import PredictionsInMemory

Publish = Callable[..., Manifest]


@pytest.fixture
def registry(storage: Storage) -> Registry:
    return Registry(storage)


@pytest.fixture
def uploads(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "home")


def keys(storage: Storage, folder: str = "") -> list[str]:
    """The keys of all objects, by the listing of the storage."""
    names = storage.children(folder)
    if not names:
        return [folder] if folder and is_object(storage, folder) else []
    return [key for name in names for key in keys(storage, f"{folder}/{name}" if folder else name)]


def is_object(storage: Storage, key: str) -> bool:
    try:
        storage.size_bytes(key)
    except ObjectNotFoundError:  # an empty folder
        return False
    return True


def with_rows(registry: Registry, publish: Publish, rows: int) -> str:
    """Publish a version of churn that names rows; returns their digest."""
    digest = training_data.store(registry.storage, {"a": list(range(rows))})
    manifest = publish(registry)
    data = TrainingData(digest, "2026-01-01T00:00:00.000000Z", rows, 1, "replace")
    key = f"models/churn/versions/{manifest.version}/manifest.json"
    registry.storage.write(key, replace(manifest, data=data).to_json())
    return digest


def as_another_model(registry: Registry, name: str) -> None:
    """Copy everything under churn to another name."""
    for key in keys(registry.storage, "models/churn"):
        body = registry.storage.read(key).body.replace(b'"model": "churn"', f'"model": "{name}"'.encode())
        registry.storage.write(key.replace("models/churn", f"models/{name}"), body)


def test_nothing_is_left_and_other_models_keep_theirs(
    registry: Registry, publish: Publish, uploads: LocalStorage
) -> None:
    shared = with_rows(registry, publish, 3)
    as_another_model(registry, "churn-2")
    own = with_rows(registry, publish, 4)
    registry.promote_now("churn", 2, actor="ana", pinned=True)
    registry.storage.write("models/churn/jobs/1.json", b"{}")
    registry.storage.write("models/churn/batches/1/manifest.json", b"{}")
    registry.storage.write("models/churn/predictions.json", b"{}")
    arrived = (
        "uploads/churn/a.csv",
        "uploads/churn/jobs/1/b.csv",
        "to-predict/churn/batches/1/c.csv",
        "scheduled/churn/d.csv",
    )
    kept = ("batches/churn-2/1/out/part-1", "to-predict/churn-2/c.csv", "uploads/churn-2/c.csv")
    for key in (*arrived, "batches/churn/1/out/part-1", *kept):
        uploads.write(key, b"rows")
    store = PredictionsInMemory()
    for model in ("churn", "churn-2"):
        store.write(model, "1", [StoredPrediction("ana", 2, "yes")])
    others = keys(registry.storage, "models/churn-2")
    removal = ModelRemoval(registry, uploads, "churn", store)
    assert removal.held() == Held(versions=2, jobs=1, batches=1, uploads=4, data=(own,))
    removal.remove()
    assert keys(registry.storage) == sorted([f"data/{shared}", *others])
    assert keys(uploads) == list(kept)
    assert list(store.held) == [("churn-2", "1")]
    assert removal.held() == Held(versions=0, jobs=0, batches=0, uploads=0, data=())
    assert removal.held().is_nothing
    removal.remove()


def test_rows_without_forgotten_ones_go_unless_another_model_has_them(registry: Registry, publish: Publish) -> None:
    named = with_rows(registry, publish, 3)
    rest = training_data.store(registry.storage, {"a": [0, 1]})
    store_ids(registry.storage, rest, [RowIds("churn", "key", ()).extended(("ana", "bo"))])
    training_data.note_forgotten(registry.storage, named, training_data.Forgotten("2026-01-01", 1, rest))
    training_data.delete_rows(registry.storage, named)
    as_another_model(registry, "churn-2")
    assert ModelRemoval(registry, None, "churn").held().data == ()
    before = registry.storage.keys("data")
    ModelRemoval(registry, None, "churn").remove()
    assert registry.storage.keys("data") == before
    removal = ModelRemoval(registry, None, "churn-2")
    assert removal.held().data == tuple(sorted((named, rest)))
    removal.remove()
    assert registry.storage.keys("data") == []


def test_a_name_that_begins_like_it_is_not_touched(registry: Registry, publish: Publish) -> None:
    publish(registry)
    before = keys(registry.storage)
    ModelRemoval(registry, None, "chur").remove()
    assert keys(registry.storage) == before


def test_rows_stay_while_a_manifest_of_another_model_cannot_be_read(registry: Registry, publish: Publish) -> None:
    digest = with_rows(registry, publish, 3)
    as_another_model(registry, "other")
    registry.storage.write("models/other/versions/1/manifest.json", b"{")
    ModelRemoval(registry, None, "churn").remove()
    assert registry.storage.children("data") == [digest]


@pytest.mark.parametrize("deletes", [0, 1, 2, 4, 7])
def test_a_removal_that_dies_is_ended_by_the_next(
    registry: Registry, publish: Publish, uploads: LocalStorage, deletes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_rows(registry, publish, 3)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    delete, left = registry.storage.delete, iter(range(deletes))

    def dying(key: str) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        delete(key)

    monkeypatch.setattr(registry.storage, "delete", dying)
    with pytest.raises(KeyboardInterrupt):
        ModelRemoval(registry, uploads, "churn").remove()
    monkeypatch.setattr(registry.storage, "delete", delete)
    ModelRemoval(registry, uploads, "churn").remove()
    assert keys(registry.storage) == []
