"""The models of a process: each is opened once, on its first request, and unknown ones are refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from functions.core.definition import Definition
from functions.core.errors import NotFoundError, NotReadyError
from functions.core.local_storage import LocalStorage
from functions.core.manifest import Manifest
from functions.core.model_folder import load_definition
from functions.core.registry import Registry
from functions.serving.models import ServedModels


@pytest.fixture
def churn(root: Path) -> Definition:
    return load_definition(root / "models" / "churn")


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(LocalStorage(tmp_path))


def test_a_model_is_the_same_from_request_to_request(churn: Definition, registry: Registry) -> None:
    models = ServedModels({"churn": churn}, registry)
    assert models.served("churn") is models.served("churn")


def test_two_processes_share_no_model(churn: Definition, registry: Registry) -> None:
    one, other = (ServedModels({"churn": churn}, registry) for _ in range(2))
    assert one.served("churn") is not other.served("churn")


def test_an_unknown_model_is_refused_with_the_known_ones(churn: Definition, registry: Registry) -> None:
    with pytest.raises(NotFoundError, match="known: churn"):
        ServedModels({"churn": churn}, registry).served("chrun")


def test_other_definitions_keep_the_models_that_they_have_and_let_the_others_go(
    churn: Definition, registry: Registry
) -> None:
    before = ServedModels({"churn": churn}, registry)
    one = before.served("churn")
    assert before.among({"churn": churn, "other": churn}).served("churn") is one
    without = before.among({"other": churn})
    with pytest.raises(NotFoundError, match="known: other"):
        without.served("churn")
    assert without.among({"churn": churn}).served("churn") is not one


@pytest.mark.parametrize(("freshness_seconds", "expected"), [(0.0, 2), (3600.0, 1)])
def test_the_freshness_is_the_one_of_the_process(
    churn: Definition,
    registry: Registry,
    publish: Callable[..., Manifest],
    freshness_seconds: float,
    expected: int,
) -> None:
    models = ServedModels({"churn": churn}, registry, freshness_seconds)
    with pytest.raises(NotReadyError):
        models.served("churn").current()
    versions = []
    for _ in range(2):
        registry.promote_now("churn", publish(registry).version, actor="ana", pinned=False)
        versions.append(models.served("churn").current().manifest.version)
    assert versions == [1, expected]
