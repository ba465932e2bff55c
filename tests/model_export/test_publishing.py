"""A candidate becomes a version: its number, its files, its manifest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from functions.core.definition import Definition
from functions.core.manifest import TrainingData
from functions.core.registry import Registry
from functions.local.home import Home
from functions.serving.version import LoadedVersion
from model_export.pipelines.candidate import Candidate, fit_candidate
from model_export.publishing import LIBRARIES, library_versions, publish_candidate


@pytest.fixture(scope="module")
def candidate(definitions: Mapping[str, Definition], labelled: Callable[[str], list[dict[str, Any]]]) -> Candidate:
    rows = labelled("churn")[:400]
    table = {name: [row[name] for row in rows] for name in rows[0]}
    return fit_candidate(definitions["churn"], table, table, lambda stage, share: None)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Home(tmp_path).registry


def test_a_published_version_can_be_served(
    registry: Registry, definitions: Mapping[str, Definition], candidate: Candidate
) -> None:
    manifest = publish_candidate(registry, definitions["churn"], candidate, None)
    loaded = LoadedVersion.load(registry, "churn", manifest.version)
    examples = [dict(one) for one in definitions["churn"].examples]
    assert len(loaded.predict(loaded.validate(examples)).predictions) == len(examples)


def test_the_manifest_says_what_it_was_made_of(
    registry: Registry, definitions: Mapping[str, Definition], candidate: Candidate
) -> None:
    data = TrainingData(digest="0" * 64, time="2026", rows_training=320, rows_evaluation=80, mode="replace")
    definition = definitions["churn"]
    written = publish_candidate(registry, definition, candidate, data)
    manifest = registry.manifest("churn", written.version)
    assert manifest == written
    assert (manifest.task, manifest.definition_digest, manifest.labels) == (
        definition.task,
        definition.digest,
        ("no", "yes"),
    )
    assert (manifest.schema, manifest.metrics, manifest.data) == (candidate.schema, candidate.metrics, data)
    assert manifest.parity == asdict(candidate.parity)
    assert (manifest.args, manifest.limits) == (dict(definition.args), definition.limits)
    assert manifest.example == definition.examples[0]
    assert manifest.artifacts.keys() == candidate.files.keys()


def test_a_claim_is_told_before_anything_is_written(
    registry: Registry, definitions: Mapping[str, Definition], candidate: Candidate
) -> None:
    def die(version: int) -> None:
        assert registry.storage.children(f"models/churn/versions/{version}") == ["claim.json"]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish_candidate(registry, definitions["churn"], candidate, None, on_claim=die)
    assert registry.versions("churn") == []


def test_every_publication_has_a_number_of_its_own(
    registry: Registry, definitions: Mapping[str, Definition], candidate: Candidate
) -> None:
    numbers = [publish_candidate(registry, definitions["churn"], candidate, None).version for _ in range(3)]
    assert numbers == registry.versions("churn") == [1, 2, 3]
    assert registry.pointer("churn").production is None


def test_library_versions_are_those_installed() -> None:
    found = library_versions()
    assert found.keys() == {"python", *LIBRARIES}
    assert all(version[0].isdigit() for version in found.values())
