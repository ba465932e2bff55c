"""Checks of a version that do not load its model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from functions.core.definition import Limits
from functions.core.errors import DamagedVersionError, NotFoundError
from functions.core.manifest import Manifest
from functions.core.registry import Registry
from functions.core.storage import Storage
from functions.core.version_check import check_version

Publish = Callable[..., Manifest]
FOLDER = "models/churn/versions/1"


@pytest.fixture
def registry(storage: Storage, publish: Publish) -> Registry:
    """A registry with version 1 of churn."""
    registry = Registry(storage)
    publish(registry)
    return registry


def test_a_whole_version_passes(registry: Registry) -> None:
    check_version(registry, "churn", 1)


def test_an_unknown_version_is_answered_with_the_known_ones(registry: Registry) -> None:
    with pytest.raises(NotFoundError, match="no version 2; list the versions of churn"):
        check_version(registry, "churn", 2)


def test_a_missing_file_is_named(registry: Registry) -> None:
    registry.storage.delete(f"{FOLDER}/model.onnx")
    with pytest.raises(DamagedVersionError, match=rf"{FOLDER}/model\.onnx is missing"):
        check_version(registry, "churn", 1)


def test_a_file_of_another_size_is_named_with_both(registry: Registry) -> None:
    registry.storage.write(f"{FOLDER}/model.onnx", b"other")
    with pytest.raises(DamagedVersionError, match=r"model\.onnx has 5 bytes, its manifest says \d+: restore it"):
        check_version(registry, "churn", 1)


def test_a_damaged_file_that_does_not_serve_is_no_reason_to_refuse_a_rollback(registry: Registry) -> None:
    registry.storage.write(f"{FOLDER}/performance.json", b"damaged")
    check_version(registry, "churn", 1)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"example": {"colour": "red"}}, "InvalidInputError: 0.gender: field required"),
        ({"example": None}, "example: a section of keys and values is expected, null was found"),
        ({"limits": Limits(max_instances=0)}, "max_instances is 0"),
        ({"limits": replace(Limits(), max_instances="many")}, "limits.max_instances: a whole number"),  # type: ignore[arg-type]
    ],
)
def test_a_version_that_would_not_take_its_example_is_refused_with_the_reason(
    registry: Registry, changes: dict[str, Any], reason: str
) -> None:
    wrong = replace(registry.manifest("churn", 1), **changes)
    registry.storage.write(f"{FOLDER}/manifest.json", wrong.to_json())
    with pytest.raises(DamagedVersionError, match=reason):
        check_version(registry, "churn", 1)


def test_a_manifest_that_cannot_be_read_is_named(registry: Registry) -> None:
    registry.storage.write(f"{FOLDER}/manifest.json", b"{")
    with pytest.raises(DamagedVersionError, match=rf"{FOLDER}/manifest\.json"):
        check_version(registry, "churn", 1)
