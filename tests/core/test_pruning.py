"""Removal by retention, of all kinds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from functions.core.definition import Retention
from functions.core.manifest import Manifest
from functions.core.prune_steps import Pruned
from functions.core.pruning import Pruning, retentions
from functions.core.registry import Registry
from tests.core.pruning_runs import NEWEST_TWO

Publish = Callable[..., Manifest]
pytestmark = pytest.mark.usefixtures("clock")


def test_a_plan_says_why(registry: Registry, publish: Publish) -> None:
    for _ in range(3):
        publish(registry)
    (one,) = Pruning(registry, None, {"churn": NEWEST_TWO}).plan()
    reason = "not among the newest 2, and not in production for 30 days"
    assert one == Pruned("retire", "version", "models/churn/versions/1", reason)


def test_a_models_own_retention_goes_before_the_default() -> None:
    class Model:
        def __init__(self, retention: Retention | None) -> None:
            self.retention = retention

    own, default = Retention(versions=1), Retention(versions=9)
    definitions: Any = {"a": Model(own), "b": Model(None)}
    assert retentions(definitions, default) == {"a": own, "b": default}
    assert retentions(definitions, None) == {"a": own}
