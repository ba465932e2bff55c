"""A candidate becomes a version: its number, its files, its manifest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from functions.core.definition import Definition
from functions.core.manifest import TrainingData
from functions.core.measured_on import MeasuredOn
from functions.core.registry import Registry
from functions.core.verdicts import read_verdict
from functions.local.home import Home
from functions.serving.promotion import UnservableError
from functions.serving.version import LoadedVersion
from model_export.pipelines.candidate import PipelineCandidate, fit_candidate
from model_export.publishing import (
    PIPELINE_LIBRARIES,
    library_versions,
    publish_and_promote,
    publish_candidate,
    published_reason,
)


@pytest.fixture(scope="module")
def candidate(
    definitions: Mapping[str, Definition], labelled: Callable[[str], list[dict[str, Any]]]
) -> PipelineCandidate:
    rows = labelled("churn")[:400]
    table = {name: [row[name] for row in rows] for name in rows[0]}
    return fit_candidate(definitions["churn"], table, table, lambda stage, share: None)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Home(tmp_path).registry


def test_a_published_version_can_be_served(
    registry: Registry, definitions: Mapping[str, Definition], candidate: PipelineCandidate
) -> None:
    manifest = publish_candidate(registry, definitions["churn"], candidate, None)
    loaded = LoadedVersion.load(registry, "churn", manifest.version)
    examples = [dict(one) for one in definitions["churn"].examples]
    assert len(loaded.predict(loaded.validate(examples)).predictions) == len(examples)


def test_the_manifest_has_the_origin_of_the_version(
    registry: Registry, definitions: Mapping[str, Definition], candidate: PipelineCandidate
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


def test_a_claim_is_reported_before_anything_is_written(
    registry: Registry, definitions: Mapping[str, Definition], candidate: PipelineCandidate
) -> None:
    def die(version: int) -> None:
        assert registry.storage.children(f"models/churn/versions/{version}") == ["claim.json"]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish_candidate(registry, definitions["churn"], candidate, None, on_claim=die)
    assert registry.versions("churn") == []


def test_every_publication_has_a_number_of_its_own(
    registry: Registry, definitions: Mapping[str, Definition], candidate: PipelineCandidate
) -> None:
    numbers = [publish_candidate(registry, definitions["churn"], candidate, None).version for _ in range(3)]
    assert numbers == registry.versions("churn") == [1, 2, 3]
    assert registry.pointer("churn").production is None


def test_a_candidate_goes_into_production_when_it_serves(
    registry: Registry, definitions: Mapping[str, Definition], candidate: PipelineCandidate
) -> None:
    manifest = publish_and_promote(registry, definitions["churn"], candidate, actor="ana")
    assert (manifest.version, manifest.data) == (1, None)
    production = registry.pointer("churn").production
    assert production is not None
    assert (production.version, production.actor, production.pinned) == (1, "ana", False)
    assert production.reason == "put in production by command, without the gate"
    assert verdict(registry, 1) == (True, production.reason)


def test_a_candidate_may_stay_out_of_production(
    registry: Registry, definitions: Mapping[str, Definition], candidate: PipelineCandidate
) -> None:
    reason = published_reason("no better than guessing", is_promoted=False)
    options = {"actor": "ana", "is_promoted": False, "reason": reason, "measured_on": MeasuredOn(30, in_sample=True)}
    manifest = publish_and_promote(registry, definitions["churn"], candidate, **options)
    assert (registry.versions("churn"), registry.promotable("churn").production) == ([manifest.version], None)
    assert verdict(registry, 1) == (False, "no better than guessing")
    assert registry.manifest("churn", 1).measured_on == MeasuredOn(30, in_sample=True)


@pytest.mark.parametrize(
    ("objection", "is_promoted", "reason"),
    [
        ("", True, "put in production by command, without the gate"),
        ("", False, "published without a promotion"),
        ("no better than guessing", True, "forced past: no better than guessing"),
        ("no better than guessing", False, "no better than guessing"),
    ],
)
def test_what_a_command_publishes_has_a_reason(objection: str, is_promoted: bool, reason: str) -> None:
    assert published_reason(objection, is_promoted=is_promoted) == reason


def verdict(registry: Registry, version: int) -> tuple[bool, str]:
    found = read_verdict(registry.storage, "churn", version)
    assert found is not None
    return found.promoted, found.reason


def with_other_example(definition: Definition, candidate: PipelineCandidate) -> tuple[Definition, PipelineCandidate]:
    return replace(definition, examples=({"colour": "red"},)), candidate


def with_wrong_limit(definition: Definition, candidate: PipelineCandidate) -> tuple[Definition, PipelineCandidate]:
    limits = replace(definition.limits, max_instances="many")  # type: ignore[arg-type]
    return replace(definition, limits=limits), candidate


def with_no_graph(definition: Definition, candidate: PipelineCandidate) -> tuple[Definition, PipelineCandidate]:
    return definition, replace(candidate, files={**candidate.files, "model.onnx": b"no graph"})


@pytest.mark.parametrize("spoil", [with_other_example, with_wrong_limit, with_no_graph])
def test_what_cannot_serve_is_kept_and_not_promoted(
    registry: Registry, definitions: Mapping[str, Definition], candidate: PipelineCandidate, spoil: Callable[..., Any]
) -> None:
    publish_and_promote(registry, definitions["churn"], candidate, actor="ana")
    before = registry.pointer("churn")
    with pytest.raises(UnservableError, match="churn version 2 is not promoted, because it cannot serve"):
        publish_and_promote(registry, *spoil(definitions["churn"], candidate), actor="ana")
    assert (registry.versions("churn"), registry.pointer("churn")) == ([1, 2], before)
    assert verdict(registry, 2)[0] is False
    assert "cannot serve" in verdict(registry, 2)[1]


@pytest.mark.usefixtures("damaged_graphs")
def test_a_graph_that_the_storage_damaged_is_not_promoted(
    registry: Registry, definitions: Mapping[str, Definition], candidate: PipelineCandidate
) -> None:
    with pytest.raises(UnservableError, match=r"model\.onnx differs from the sha256"):
        publish_and_promote(registry, definitions["churn"], candidate, actor="ana")
    assert (registry.versions("churn"), registry.promotable("churn").production) == ([1], None)


def test_library_versions_are_the_installed_ones() -> None:
    found = library_versions()
    assert found.keys() == {"python", *PIPELINE_LIBRARIES}
    assert all(version[0].isdigit() for version in found.values())
