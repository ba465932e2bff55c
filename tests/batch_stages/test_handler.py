"""The function of the training image for batches, with the events of the state machine, over folders."""

from __future__ import annotations

import gzip
import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from functions.batches.planning import Planner
from functions.core.batch_record import Batch
from functions.core.batch_submission import BatchRequest, BatchSubmissions
from functions.core.batches import Batches
from functions.core.errors import NotFoundError
from functions.core.local_storage import LocalStorage
from functions.core.manifest import Manifest
from functions.core.model_folder import load_definition
from functions.core.registry import Registry
from tests.lambda_context import Context

CHURN = Path(__file__).resolve().parents[2] / "models" / "churn"
ROWS = 50
TABLE = b"".join((CHURN / "sample.csv").read_bytes().splitlines(keepends=True)[: ROWS + 1])


@dataclass(frozen=True, slots=True)
class Function:
    """The started function with what it works on."""

    handler: Callable[[dict[str, Any], Context], dict[str, Any]]
    registry: Registry
    files: LocalStorage

    def step(self, name: str, batch: Batch) -> dict[str, Any]:
        return self.handler({"step": name, "model": batch.model, "batch": batch.batch}, Context())

    def sent(self, body: bytes, request: BatchRequest | None = None) -> Batch:
        submissions = BatchSubmissions(self.registry.storage, self.files)
        batch = submissions.await_file(load_definition(CHURN), "rows.csv.gz", request or BatchRequest())
        self.files.write(batch.input, body)
        return batch

    @property
    def batches(self) -> Batches:
        return Batches(self.registry.storage, self.files)


@pytest.fixture
def function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, publish: Callable[..., Manifest]) -> Function:
    registry, files = Registry(LocalStorage(tmp_path / "registry")), LocalStorage(tmp_path / "files")
    publish(registry)
    registry.promote_now("churn", 1, actor="ana", pinned=False)
    monkeypatch.setenv("DESPLIEGUE_REGISTRY", str(tmp_path / "registry"))
    monkeypatch.setenv("DESPLIEGUE_UPLOADS", str(tmp_path / "files"))
    sys.modules.pop("functions.batch_stages.handler", None)
    return Function(importlib.import_module("functions.batch_stages.handler").handler, registry, files)


def test_a_file_that_is_not_plain_can_be_planned_afterwards(function: Function) -> None:
    batch = function.sent(gzip.compress(TABLE))
    planner = Planner(function.batches, function.registry, function.files)
    assert planner.plan(batch, load_definition(CHURN)) is None
    for _ in range(2):
        assert function.step("convert", batch) == {"model": "churn", "batch": batch.batch}
    planned = planner.plan(batch, load_definition(CHURN))
    assert planned is not None
    assert planned.plan is not None
    assert planned.plan.rows == ROWS


def test_a_file_that_cannot_be_read_ends_its_batch_with_its_faults(function: Function) -> None:
    batch = function.sent(gzip.compress(b"no,such\ncolumns,here\n"))
    function.step("convert", batch)
    ended = function.batches.read("churn", batch.batch)
    assert ended.state(0) == "failed"
    assert ended.faults


def test_a_ping_is_answered_before_any_work(function: Function) -> None:
    assert function.handler({"source": "despliegue.ping"}, Context()) == {}


def test_a_step_that_fails_raises_so_that_the_machine_tries_it_again(
    function: Function, caplog: pytest.LogCaptureFixture
) -> None:
    batch = function.sent(TABLE)
    function.registry.storage.delete(f"models/churn/batches/{batch.batch}/manifest.json")
    with pytest.raises(NotFoundError):
        function.step("complete", batch)
    assert "step failed" in {record.message for record in caplog.records}
