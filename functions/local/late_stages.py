"""The stages of a batch that need the libraries of training, which are imported when a batch needs them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.core.batch_record import Batch
from functions.core.batches import Batches
from functions.core.definition import Definition
from functions.core.registry import Registry
from functions.core.storage import Storage

if TYPE_CHECKING:
    from model_export.batch_files.stages import BatchStages


@dataclass(frozen=True, slots=True)
class LateStages:
    """The stages of model_export/batch_files/stages.py; most batches are plain, and need none."""

    batches: Batches
    registry: Registry
    files: Storage

    def convert(self, batch: Batch, definition: Definition, *, version: int | None = None) -> None:
        """Write the rows of a file that is not plain; raises InvalidInputError, NotReadyError."""
        self._stages().convert(batch, definition, version=version)

    def complete(self, batch: Batch) -> None:
        """Write the Parquet file and the metrics of a batch that asks for them."""
        if batch.needs_completion:
            self._stages().complete(batch)

    def _stages(self) -> BatchStages:
        from model_export.batch_files.stages import BatchStages

        return BatchStages(self.batches, self.registry, self.files)
