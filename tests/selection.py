"""Tests that are slow, that need a library that may be absent, or that run in one process: by folder or file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parents[1]
SLOW = (
    "tests/ci",
    "tests/client/test_async_client.py",
    "tests/client/test_client.py",
    "tests/clients",
    "tests/aws/test_secrets.py",
    "tests/benchmarks",
    "tests/commands/test_build.py",
    "tests/commands/test_export_hf.py",
    "tests/commands/test_export_hf_fine_tuned.py",
    "tests/commands/test_export_hf_texts.py",
    "tests/commands/test_finetune_qa.py",
    "tests/commands/test_first_version.py",
    "tests/commands/test_new.py",
    "tests/commands/test_new_fitted_otherwise.py",
    "tests/commands/test_new_pipelines.py",
    "tests/commands/test_push_hub.py",
    "tests/commands/test_several_targets.py",
    "tests/commands/test_token.py",
    "tests/commands/test_train.py",
    "tests/contract",
    "tests/deaths",
    "tests/deployed",
    "tests/documents",
    "tests/examples",
    "tests/fuzz",
    "tests/infra",
    "tests/core/test_batch_forgetting.py",
    "tests/inference/control/test_batches.py",
    "tests/inference/control/test_lookups.py",
    "tests/inference/control/test_training.py",
    "tests/inference/control/test_training_jobs.py",
    "tests/inference/control/test_training_uploads.py",
    "tests/inference/test_control_handler.py",
    "tests/inference/test_predict_handler.py",
    "tests/local/test_batch_process.py",
    "tests/local/test_batch_scenario.py",
    "tests/local/test_batch_worker.py",
    "tests/local/test_damage.py",
    "tests/local/test_disks.py",
    "tests/local/test_end_to_end.py",
    "tests/local/test_server.py",
    "tests/local/test_trainer_process.py",
    "tests/model_export/pipelines/convert/test_ensembles.py",
    "tests/model_export/pipelines/convert/test_registration.py",
    "tests/model_export/pipelines/convert/test_targets.py",
    "tests/model_export/checkpoints",
    "tests/model_export/fine_tuning",
    "tests/model_export/question_answering",
    "tests/model_export/text_classification",
    "tests/model_export/test_image_build.py",
    "tests/model_export/test_training.py",
    "tests/model_export/test_training_attempts.py",
    "tests/model_export/test_training_comparison.py",
    "tests/model_export/test_training_extension.py",
    "tests/playground",
    "tests/predictors/question_answering/test_hugging_face_parity.py",
    "tests/serving/test_production.py",
    "tests/runtime",
    "tests/tools",
    "tests/trainer",
)
"""A training each, a process, a server, torch, the CDK, or some seconds. `make quick` does not even import them."""
NEEDS = {
    "tests/benchmarks": "psutil",
    "tests/contract": "schemathesis",
    "tests/fuzz": "schemathesis",
    "tests/infra": "aws_cdk",
    "tests/examples/test_notebook.py": "nbformat",
    "tests/playground": "playwright",
    "tests/tools": "nbformat",
}
"""Tests that need a library which only `make test` installs."""
TOGETHER = ("tests/client", "tests/clients", "tests/infra", "tests/playground")
"""Folders whose tests share what takes long to make, so that one process runs them all. Elsewhere it is a file."""


def pytest_report_header(config: pytest.Config) -> list[str]:
    slow = [f"not collected, slow, run by make test: {', '.join(SLOW)}"] if _is_quick(config) else []
    return slow + [f"not collected, {library} is not installed: {path}" for path, library in _unable(config).items()]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """True for what is left out, before its import; None leaves the choice to others."""
    left_out = (*_unable(config), *(SLOW if _is_quick(config) else ()))
    return _is_within(collection_path, left_out) or None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests, and put the slow ones first: at the end no process waits for a long test of another."""
    for item in items:
        if _is_within(item.path, SLOW):
            item.add_marker("slow")
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than the processors, because some tests wait for servers."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Hand out whole files, and whole folders of TOGETHER, in the order of the collection."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return next((folder for folder in TOGETHER if file.startswith(f"{folder}/")), file)

    config.option.loadscopereorder = False
    return Scheduling(config, log)


def _is_quick(config: pytest.Config) -> bool:
    return bool(config.option.markexpr == "not slow")


def _unable(config: pytest.Config) -> dict[str, str]:
    """The folders of NEEDS whose library is absent, but for those that are left out anyway."""
    wanted = {path: library for path, library in NEEDS.items() if not (_is_quick(config) and path in SLOW)}
    return {path: library for path, library in wanted.items() if find_spec(library) is None}


def _is_within(path: Path, places: Iterable[str]) -> bool:
    return any(path.is_relative_to(ROOT / place) for place in places)
