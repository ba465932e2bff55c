"""An added model gets one first version: once its folder is whole, and only where nobody else makes one."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from functions.core.definition import Definition
from functions.core.jobs import Job, Jobs
from functions.core.model_folder import load_definition
from functions.core.submission import Submissions
from functions.core.version_folder import BAKED, bake
from functions.local import added_models
from functions.local.added_models import QUIET_SECONDS, AddedModels
from functions.local.home import Home

MODEL = "churn"


class Watch:
    """The models of a folder in which churn may be, looked at with a clock of the test's own."""

    def __init__(self, home: Home, folder: Path) -> None:
        self.home = home
        self.folder = folder
        self.moment = 0.0
        self.definitions: dict[str, Definition] = {}
        self.models = self.started_with()

    def started_with(self, *known: str) -> AddedModels:
        submissions = Submissions(self.home.registry, self.home.uploads)
        return AddedModels(self.definitions, known, self.home.registry, submissions, clock=lambda: self.moment)

    def look_after(self, seconds: float) -> list[Job]:
        """The jobs of the model after another look."""
        self.moment += seconds
        if (self.folder / "model.toml").is_file():
            self.definitions[MODEL] = load_definition(self.folder)
        self.models.look()
        return list(Jobs(self.home.registry.storage).newest_first(MODEL).entries)


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    home = Home(tmp_path / "home")
    home.create([])
    return Watch(home, tmp_path / "models" / MODEL)


@pytest.fixture
def add(watch: Watch, root: Path) -> Callable[..., None]:
    """Copies churn without some of its files."""

    def copy(*left_out: str) -> None:
        shutil.copytree(root / "models" / MODEL, watch.folder, ignore=shutil.ignore_patterns("__pycache__", *left_out))

    return copy


def test_the_sample_of_an_added_model_is_trained_once(watch: Watch, add: Callable[..., None]) -> None:
    add()
    assert watch.look_after(0) == []
    (job,) = watch.look_after(QUIET_SECONDS)
    assert (job.state, job.actor, job.mode, job.upload) == (
        "queued",
        "sample",
        "replace",
        f"uploads/churn/jobs/{job.job}/sample.csv",
    )
    assert watch.home.uploads.read(job.upload).body == (watch.folder / "sample.csv").read_bytes()
    assert watch.look_after(QUIET_SECONDS) == [job]
    watch.models = watch.started_with()  # the trainer died, and was started again
    watch.look_after(0)
    assert watch.look_after(QUIET_SECONDS) == [job]


def test_a_folder_that_is_being_copied_is_left_alone(watch: Watch, add: Callable[..., None]) -> None:
    add("sample.csv")
    sample = watch.folder / "sample.csv"
    for size in (100, 1000, 10_000):
        sample.write_bytes(b"x" * size)
        assert watch.look_after(QUIET_SECONDS) == []
    os.utime(sample, (0, 0))
    assert watch.look_after(QUIET_SECONDS) == []
    assert len(watch.look_after(QUIET_SECONDS)) == 1


def test_a_sample_that_comes_later_is_found(watch: Watch, add: Callable[..., None], root: Path) -> None:
    add("sample.csv")
    assert [watch.look_after(QUIET_SECONDS) for _ in range(3)] == [[]] * 3
    shutil.copy(root / "models" / MODEL / "sample.csv", watch.folder)
    assert watch.look_after(QUIET_SECONDS) == []
    assert len(watch.look_after(QUIET_SECONDS)) == 1


def test_models_of_the_start_are_left_alone(watch: Watch, add: Callable[..., None]) -> None:
    add()
    watch.models = watch.started_with(MODEL)
    assert [watch.look_after(QUIET_SECONDS) for _ in range(3)] == [[]] * 3


def test_a_model_whose_version_a_command_makes_right_now_is_left_alone(watch: Watch, add: Callable[..., None]) -> None:
    watch.home.registry.claim(MODEL)
    add()
    assert [watch.look_after(QUIET_SECONDS) for _ in range(3)] == [[]] * 3


def test_a_model_that_is_not_retrainable_is_not_trained(watch: Watch, add: Callable[..., None]) -> None:
    add()
    watch.definitions[MODEL] = replace(load_definition(watch.folder), retrainable=False)
    for _ in range(3):
        watch.moment += QUIET_SECONDS
        watch.models.look()
    assert Jobs(watch.home.registry.storage).newest_first(MODEL).entries == []


def test_the_version_of_a_folder_is_put_in_production(
    watch: Watch, add: Callable[..., None], trained_home: Home
) -> None:
    add()
    bake(trained_home.registry, trained_home.registry.manifest(MODEL, 1), watch.folder)
    watch.look_after(0)
    assert watch.look_after(QUIET_SECONDS) == []
    production = watch.home.registry.pointer(MODEL).production
    assert production is not None
    assert (production.version, production.actor) == (1, "baked")


def test_a_damaged_version_of_a_folder_is_logged_once_and_looked_at_again(
    watch: Watch,
    add: Callable[..., None],
    trained_home: Home,
    definitions: Mapping[str, Definition],
    caplog: pytest.LogCaptureFixture,
) -> None:
    add()
    bake(trained_home.registry, trained_home.registry.manifest(MODEL, 1), watch.folder)
    graph = next((watch.folder / BAKED).glob("*.onnx"))
    whole = graph.read_bytes()
    graph.write_bytes(whole[:-1])
    with caplog.at_level(logging.ERROR, added_models.__name__):
        for _ in range(4):
            watch.look_after(QUIET_SECONDS)
    assert [graph.name in record.getMessage() for record in caplog.records] == [True]
    graph.write_bytes(whole)
    watch.look_after(0)
    watch.look_after(QUIET_SECONDS)
    assert watch.home.registry.pointer(MODEL).production is not None
