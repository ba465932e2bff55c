"""A candidate becomes a version."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version as installed

from functions.core.clock import now
from functions.core.definition import Definition
from functions.core.manifest import Manifest, TrainingData
from functions.core.registry import Registry
from model_export.candidate import Candidate

LIBRARIES = ("numpy", "onnx", "onnxruntime", "pandas", "scikit-learn", "skl2onnx")


def publish_candidate(
    registry: Registry,
    definition: Definition,
    candidate: Candidate,
    data: TrainingData | None,
    *,
    on_claim: Callable[[int], None] = lambda version: None,
) -> Manifest:
    """Claim a number, write the files and then the manifest; `on_claim` hears of the number first."""
    version = registry.claim(definition.name)
    on_claim(version)
    manifest = Manifest(
        model=definition.name,
        version=version,
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
        libraries=library_versions(),
        example=definition.examples[0],
    )
    return registry.publish(manifest, candidate.files)


def library_versions() -> dict[str, str]:
    """What the version was made with: to load its joblib again, the owner needs these."""
    return {"python": platform.python_version(), **{name: installed(name) for name in LIBRARIES}}
