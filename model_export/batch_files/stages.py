"""The stages of a batch that need the libraries of training: before planning, and before the end."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from functions.batches.parts import flat_row
from functions.batches.planning import needs_ids
from functions.core.batch_keys import metrics_key, parquet_key, part_key, truths_key
from functions.core.batch_record import Batch, Converted, Plan
from functions.core.batches import Batches
from functions.core.definition import Definition
from functions.core.errors import Fault, InvalidInputError, NotReadyError, ObjectNotFoundError
from functions.core.machine_memory import trainer_memory_bytes
from functions.core.registry import Registry
from functions.core.storage import Storage
from functions.core.training_memory import most_training_bytes
from model_export.batch_files.converting import Conversion, converted
from model_export.batch_files.measuring import Measurement
from model_export.batch_files.parquet_files import ParquetRows


@dataclass(frozen=True, slots=True)
class BatchStages:
    """The stages over the records of a registry, and the files of batches. Each may be repeated."""

    batches: Batches
    registry: Registry
    files: Storage

    def convert(self, batch: Batch, definition: Definition, *, version: int | None = None) -> None:
        """Write the rows of a file that is not plain, for the version in production unless one is given.

        Raises InvalidInputError for a file that cannot be read, NotReadyError while no version serves.
        """
        if batch.plan is not None or batch.is_finished or self.batches.converted(batch) is not None:
            return
        manifest = self.registry.manifest(batch.model, version or self._in_production(batch.model))
        needs_id = needs_ids(batch) or batch.id != manifest.schema.id
        wanted = Conversion(manifest.schema, batch.id, needs_id, batch.keep_columns, batch.measure)
        limit = most_training_bytes(trainer_memory_bytes())
        name = batch.input.rpartition("/")[2]
        found = converted(self._read(batch, limit), name, definition, wanted, most_bytes=limit)
        record = Converted(manifest.version, found.notes, batch.id if found.has_ids else None)
        self.batches.write_converted(batch, found.body, record)

    def complete(self, batch: Batch) -> None:
        """Write what is made of all shards together: one Parquet file, and metrics, of a batch that asks for them."""
        if batch.plan is None or batch.is_finished:
            return
        if batch.output == "parquet":
            self.write_table(batch)
        if batch.measure:
            measurement = Measurement(self.registry.manifest(batch.model, batch.plan.version))
            for number in self.batches.done_numbers(batch):
                pairs = [orjson.loads(line) for line in self._lines(truths_key(batch, number))]
                measurement.add([prediction for prediction, _ in pairs], [truth for _, truth in pairs])
            self.files.write(metrics_key(batch), orjson.dumps(measurement.metrics()))

    def write_table(self, batch: Batch) -> None:
        """Write the Parquet file of a planned batch from its parts."""
        if batch.plan is not None:
            rows = ParquetRows(batch.plan.output_header)
            for number in self.batches.done_numbers(batch):
                rows.add(list(self._flat_rows(batch, batch.plan, number)))
            self.files.write(parquet_key(batch), rows.body())

    def _flat_rows(self, batch: Batch, plan: Plan, number: int) -> Iterator[list[object]]:
        for line in self._lines(part_key(batch, number)):
            yield flat_row(orjson.loads(line), plan, has_id=plan.id is not None)

    def _lines(self, key: str) -> list[bytes]:
        try:
            return gzip.decompress(self.files.read(key).body).splitlines()
        except ObjectNotFoundError:  # a shard without any sound row has no true values
            return []

    def _in_production(self, model: str) -> int:
        production = self.registry.pointer(model).production
        if production is None:
            raise NotReadyError(f"{model} has no version in production yet")
        return production.version

    def _read(self, batch: Batch, limit: int) -> bytes:
        try:
            size = self.files.size_bytes(batch.input)
            if size > limit:
                raise InvalidInputError([Fault(("file",), _too_large(size, limit), "too_large")])
            return self.files.read(batch.input).body
        except ObjectNotFoundError:
            raise InvalidInputError([Fault(("file",), "the file was removed before it was read", "missing")]) from None


def _too_large(size: int, limit: int) -> str:
    return (
        f"the file has {size} bytes, and is not plain: it is read as a whole, which the memory of the trainer permits "
        f"up to {limit}. Send it in parts, or as plain CSV: UTF-8, not compressed, commas between the cells"
    )
