"""A version in memory, ready to answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from functions.core.errors import DamagedVersionError, Fault, InvalidInputError, StorageError
from functions.core.input_warnings import InputWarnings
from functions.core.instances import CheckedInstances, InstanceReader, faults_placed, parse_instances
from functions.core.manifest import Manifest
from functions.core.registry import Registry
from functions.core.row_budget import RowBudget
from functions.core.tasks import TASKS
from functions.core.validator import Validator
from functions.predictors.by_task import Predictor, open_predictor
from functions.predictors.byte_count import count_byte
from functions.predictors.predictions import Prediction


@dataclass(frozen=True, slots=True)
class Predictions:
    """Result of one request; `ids` is None if no instance has an id."""

    version: int
    predictions: Sequence[Prediction]
    warnings: list[list[Fault]]
    ids: list[Any] | None


@dataclass(frozen=True, slots=True)
class LoadedVersion:
    """A version's graph, with the checks made from the schema and the limits in its manifest.

    `budget` is of the most instances of one request.
    """

    manifest: Manifest
    predictor: Predictor
    reader: InstanceReader
    validator: Validator
    warnings: InputWarnings
    budget: RowBudget

    @classmethod
    def load(cls, registry: Registry, model: str, version: int) -> LoadedVersion:
        """Read, verify against the digests, and warm with the version's own example.

        Raises DamagedVersionError, NotFoundError, UnsupportedFormatError; StorageError and MemoryError, after which
        the version may still be whole.
        """
        manifest = registry.manifest(model, version)
        try:
            files = {name: registry.artifact(manifest, name) for name in manifest.served_files}
            return cls._warmed(manifest, files)
        except (DamagedVersionError, StorageError, MemoryError):
            raise
        except Exception as error:  # a manifest changed by hand can be wrong in any way
            cause = f"{type(error).__name__}: {error}"
            raise DamagedVersionError(f"{model} version {version} cannot answer its own example: {cause}") from error

    @classmethod
    def _warmed(cls, manifest: Manifest, files: Mapping[str, bytes]) -> LoadedVersion:
        loaded = cls(
            manifest=manifest,
            predictor=open_predictor(
                manifest.task, manifest.model_kind, files, manifest.schema, manifest.labels, manifest.limits
            ),
            reader=InstanceReader(manifest.schema, TASKS[manifest.task].body_names, count_byte),
            validator=Validator(manifest.schema),
            warnings=InputWarnings(manifest.schema),
            budget=RowBudget.of_prediction(manifest.limits),
        )
        # the first run of a session allocates its memory; and no version serves that cannot answer its own example
        answered = loaded.predict(loaded.validate([dict(manifest.example)]))
        list(answered.predictions)  # which a label that the manifest does not have would end
        return loaded

    def is_published_as(self, registry: Registry, model: str, version: int) -> bool:
        """Return True if this is that version; a model that was removed and made again has another of its number.

        Raises NotFoundError, DamagedVersionError, UnsupportedFormatError, StorageError.
        """
        own = self.manifest
        return (own.model, own.version) == (model, version) and own == registry.manifest(model, version)

    def read(self, body: bytes) -> CheckedInstances:
        """Read the instances of a body, in order; raises InvalidInputError with all faults and their places in it."""
        # the compiled reader ends at the first instance that is not whole, so many rows take many bytes
        if self.reader.most_rows(body) > self.budget.most:
            self.budget.check_body(body)
        # it takes well-formed bodies alone; the others are read again for a report of every fault
        batch = self.reader.read(body)
        if batch is not None:
            return batch
        instances = parse_instances(body, self.budget, TASKS[self.manifest.task].body_names)
        with faults_placed(instances.place):
            return replace(self.validate(instances.rows), place=instances.place)

    def validate(self, instances: Sequence[Any]) -> CheckedInstances:
        """Check instances one by one; raises InvalidInputError with all faults, placed by row."""
        self.budget.check_rows(len(instances))
        if not instances:
            raise InvalidInputError([Fault((), "send at least one instance", "too_short")])
        return CheckedInstances(self.validator.table(instances), len(instances), self.validator.ids(instances))

    def predict(self, batch: CheckedInstances) -> Predictions:
        """One prediction for each row, in order.

        Raises TooLargeError over `max_instances`, InvalidInputError for rows without a finite prediction.
        """
        self.budget.check_rows(batch.rows)
        with faults_placed(batch.place):
            predictions = self.predictor.predict(batch.table)
        return Predictions(
            version=self.manifest.version,
            predictions=predictions,
            warnings=self.warnings.of(batch.table),
            ids=batch.ids,
        )
