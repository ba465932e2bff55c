"""Publication of a candidate as a version, and its promotion after a check that it serves."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version as installed
from typing import Any, Protocol

from functions.core.clock import now
from functions.core.definition import Definition
from functions.core.errors import ConflictError
from functions.core.manifest import Manifest, TrainingData
from functions.core.measured_on import MeasuredOn
from functions.core.registry import Registry
from functions.core.schema import Schema
from functions.core.tasks import Scoring
from functions.core.verdicts import Verdict, record_verdict
from functions.serving.promotion import UnservableError, promote_servable

# The packages that decide a graph and its numbers.
PIPELINE_LIBRARIES = ("numpy", "onnx", "onnxruntime", "pandas", "scikit-learn", "skl2onnx")

UNKNOWN_ROWS = MeasuredOn(None)
UNJUDGED = "put in production by command, without the gate"
KEPT = "published without a promotion"
"""Reasons of what a command published: the gate judges what is trained here."""


class Candidate(Protocol):
    """A proven model of any task; `parity` is a dataclass, `files` are the artifacts by name."""

    @property
    def schema(self) -> Schema: ...
    @property
    def labels(self) -> tuple[Any, ...]: ...
    @property
    def scoring(self) -> Scoring: ...
    @property
    def metrics(self) -> Mapping[str, float]: ...
    @property
    def parity(self) -> Any: ...
    @property
    def files(self) -> Mapping[str, bytes]: ...


def publish_candidate(
    registry: Registry,
    definition: Definition,
    candidate: Candidate,
    data: TrainingData | None,
    *,
    libraries: Sequence[str] = PIPELINE_LIBRARIES,
    measured_on: MeasuredOn = UNKNOWN_ROWS,
    claimed: int | None = None,
    on_claim: Callable[[int], None] = lambda version: None,
) -> Manifest:
    """Claim a number, write the files and then the manifest; `on_claim` is called with the number first.

    `libraries` are the packages whose versions go into the manifest, `measured_on` are the rows behind the metrics of a
    candidate without `data`. `claimed` is the number of an earlier attempt that died or lost its job. It is
    used again, so that only one attempt publishes; if that version is already published, it is returned. A new
    number is claimed only if the earlier attempt left files that differ.
    """
    manifest = Manifest(
        model=definition.name,
        version=0,
        task=definition.task,
        created=now(),
        definition_digest=definition.digest,
        schema=candidate.schema,
        labels=candidate.labels,
        limits=definition.limits,
        metrics=candidate.metrics,
        args=definition.args,
        data=data,
        parity=asdict(candidate.parity),
        libraries={**library_versions(libraries), **_required(definition)},
        example=definition.examples[0],
        kind=definition.kind,
        scoring=candidate.scoring,
        metrics_in_sample=measured_on.in_sample,
        measured_rows=measured_on.rows,
    )
    if claimed is not None:
        try:
            return registry.publish(replace(manifest, version=claimed), candidate.files)
        except ConflictError:
            # The manifest is written last: with it, the other attempt published and its version is the result.
            if registry.is_published(definition.name, claimed):
                return registry.manifest(definition.name, claimed)
    version = registry.claim(definition.name)
    # The caller records the number before any file is written, or a crash in between would lose it.
    on_claim(version)
    return registry.publish(replace(manifest, version=version), candidate.files)


def publish_and_promote(
    registry: Registry,
    definition: Definition,
    candidate: Candidate,
    *,
    actor: str,
    libraries: Sequence[str] = PIPELINE_LIBRARIES,
    measured_on: MeasuredOn = UNKNOWN_ROWS,
    is_promoted: bool = True,
    reason: str = UNJUDGED,
    claimed: int | None = None,
) -> Manifest:
    """Publish a candidate; if `is_promoted`, put it in production without asking the gate. The `reason` is kept.

    `claimed` is the number for it, if one was claimed before.
    Raises UnservableError if it cannot serve; the version is then published and not promoted.
    """
    manifest = publish_candidate(
        registry, definition, candidate, None, libraries=libraries, measured_on=measured_on, claimed=claimed
    )
    if is_promoted:
        try:
            promote_servable(registry, definition.name, manifest.version, actor=actor, reason=reason)
        except UnservableError as error:
            record_verdict(registry.storage, manifest.model, manifest.version, Verdict(False, str(error), actor))
            raise
    record_verdict(registry.storage, manifest.model, manifest.version, Verdict(is_promoted, reason, actor))
    return manifest


def published_reason(objection: str, *, is_promoted: bool) -> str:
    """The reason why a command promotes a candidate or not; the `objection` says that it is no better than guessing."""
    if is_promoted:
        return f"forced past: {objection}" if objection else UNJUDGED
    return objection or KEPT


def _required(definition: Definition) -> dict[str, str]:
    """The versions of the packages that the model itself requires, which its training has checked."""
    return dict(requirement.split("==") for requirement in definition.pipeline.requires)


def library_versions(names: Sequence[str] = PIPELINE_LIBRARIES) -> dict[str, str]:
    """The installed versions of the packages and of Python, which its owner needs to load the joblib again."""
    return {"python": platform.python_version(), **{name: installed(name) for name in names}}
