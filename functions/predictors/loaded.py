"""One version in memory, ready to answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from functions.core.errors import Fault, InvalidInputError, TooLargeError
from functions.core.input_warnings import InputWarnings
from functions.core.manifest import Manifest
from functions.core.registry import Registry
from functions.core.validation import Validator
from functions.predictors.answers import Prediction
from functions.predictors.opening import SERVED_FILES, Predictor, open_predictor


@dataclass(frozen=True, slots=True)
class Predictions:
    """What one request comes to; `ids` are None where no instance has one."""

    version: int
    predictions: list[Prediction]
    warnings: list[list[Fault]]
    ids: list[Any] | None


@dataclass(frozen=True, slots=True)
class LoadedVersion:
    """A version's graph, with the checks made from the schema in its manifest."""

    manifest: Manifest
    predictor: Predictor
    validator: Validator
    warnings: InputWarnings

    @classmethod
    def load(cls, registry: Registry, model: str, version: int) -> LoadedVersion:
        """Read, verify against the digests, and warm with the version's own example.

        Raises DamagedVersionError, NotFoundError.
        """
        manifest = registry.manifest(model, version)
        files = {name: registry.artifact(manifest, name) for name in SERVED_FILES.get(manifest.task, ())}
        loaded = cls(
            manifest=manifest,
            predictor=open_predictor(manifest.task, files, manifest.schema, manifest.labels),
            validator=Validator(manifest.schema),
            warnings=InputWarnings(manifest.schema),
        )
        loaded.predict([dict(manifest.example)])
        return loaded

    def predict(self, instances: Sequence[Any]) -> Predictions:
        """Validate, then predict, in the order of the instances.

        Raises TooLargeError over `max_instances`, InvalidInputError with all faults, each under its row.
        """
        limit = self.manifest.limits.max_instances
        if len(instances) > limit:
            raise TooLargeError(f"{len(instances)} instances are more than {limit}: send them in parts")
        if not instances:
            raise InvalidInputError([Fault((), "send at least one instance", "too_short")])
        table = self.validator.table(instances)
        return Predictions(
            version=self.manifest.version,
            predictions=self.predictor.predict(table),
            warnings=self.warnings.of(table),
            ids=self.validator.ids(instances),
        )
