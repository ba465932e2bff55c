"""Runs of the pruning of one model at times that are moved by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.core import batch_pruning, batches, job_pruning, jobs, prune_steps, retirement, version_pruning
from functions.core import registry as registry_module
from functions.core.clock import stamp
from functions.core.definition import Retention
from functions.core.jobs import Job
from functions.core.lookups import PredictionStore
from functions.core.pruning import Pruning
from functions.core.registry import Registry
from functions.core.storage import Storage

DAY = 86_400
NEWEST_TWO = Retention(versions=2, production_days=30)
TIMED = (batch_pruning, batches, jobs, prune_steps, job_pruning, registry_module, retirement, version_pruning)


class PruneClock:
    """The present time of every module that asks for it, moved by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.moment = datetime(2026, 1, 1, tzinfo=UTC)
        for module in TIMED:
            monkeypatch.setattr(module, "now", self)

    def __call__(self, *, plus_seconds: float = 0) -> str:
        return stamp(self.moment + timedelta(seconds=plus_seconds))

    def wait(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def prune(
    registry: Registry, retention: Retention, uploads: Storage | None = None, store: PredictionStore | None = None
) -> list[tuple[str, str]]:
    """Run once; returns the step and the key of everything that was done."""
    pruning = Pruning(registry, uploads, {"churn": retention}, store)
    plan = pruning.plan()
    pruning.carry_out(plan)
    return [(one.step, one.key) for one in plan]


def serve(registry: Registry, version: int) -> None:
    registry.promote_now("churn", version, actor="ana", pinned=False)


def a_job(clock: PruneClock, name: str, **changes: Any) -> Job:
    job = Job(
        job=name * 32,
        model="churn",
        upload=f"uploads/churn/jobs/{name * 32}/rows.csv",
        mode="replace",
        force=False,
        actor="test",
        data_time=clock(),
        fingerprint=name,
        created=clock(),
        updated=clock(),
    )
    return replace(job, **changes)
