"""The keys of the objects of a batch.

    models/<model>/batches/<batch>/manifest.json   the record: what was asked, the plan with its version, the result
    models/<model>/batches/<batch>/shards.json     the shards, an array: what a runner hands out one by one
    models/<model>/times/batches/...               the time of each batch, and of those of one version in batches-of-<n>
    to-predict/<model>/batches/<batch>/<file>      the file that the batch waits for
    batches/<model>/<batch>/in/rows.jsonl          the rows of a file that is not plain, and conversion.json after them
    batches/<model>/<batch>/out/part-00012...      the predictions of a shard
    batches/<model>/<batch>/errors/part-00012...   its refused rows
    batches/<model>/<batch>/ids/00012              the digests of its ids
    batches/<model>/<batch>/truths/part-00012...   its predictions with their true values, of a batch that is measured
    batches/<model>/<batch>/done/00012.json        its marker, written last
    batches/<model>/<batch>/metrics.json           the metrics of a batch that is measured

The keys of a shard follow from its number, so a shard that runs twice leaves the same objects.
"""

from __future__ import annotations

from collections.abc import Sequence

from functions.core.batch_record import Batch, ShardResult

BATCHES_PREFIX = "batches"


def record_key(model: str, batch: str) -> str:
    """The key of a batch's record."""
    return f"models/{model}/batches/{batch}/manifest.json"


def folder_of(batch: Batch) -> str:
    """The folder of the batch's plain input, results and markers."""
    return f"{BATCHES_PREFIX}/{batch.model}/{batch.batch}"


def shards_key(batch: Batch) -> str:
    """The key of the shards, beside the record."""
    return f"models/{batch.model}/batches/{batch.batch}/shards.json"


def part_key(batch: Batch, number: int) -> str:
    """The key of a shard's predictions. Parts of a Parquet batch are JSON Lines until it is finished."""
    form = "csv" if batch.output == "csv" else "jsonl"
    return f"{folder_of(batch)}/out/part-{number:05}.{form}.gz"


def part_keys(batch: Batch, markers: Sequence[ShardResult]) -> tuple[str, ...]:
    """The keys of the predictions of the shards that are done, in the order of their rows."""
    header = [part_key(batch, 0)] if batch.output == "csv" and batch.plan is not None else []
    return (*header, *(part_key(batch, one.number) for one in markers))


def error_keys(batch: Batch, markers: Sequence[ShardResult]) -> tuple[str, ...]:
    """The keys of the refused rows of the shards that are done and have some."""
    return tuple(errors_key(batch, one.number) for one in markers if one.refused)


def errors_key(batch: Batch, number: int) -> str:
    """The key of a shard's refused rows."""
    return f"{folder_of(batch)}/errors/part-{number:05}.jsonl.gz"


def ids_key(batch: Batch, number: int) -> str:
    """The key of the digests of a shard's ids."""
    return f"{folder_of(batch)}/ids/{number:05}"


def converted_key(batch: Batch) -> str:
    """The key of the rows of a file that is not plain (functions/core/converted_rows.py)."""
    return f"{folder_of(batch)}/in/rows.jsonl"


def conversion_key(batch: Batch) -> str:
    """The key of what was done to a file that is not plain, written after its rows."""
    return f"{folder_of(batch)}/in/conversion.json"


def parquet_key(batch: Batch) -> str:
    """The key of all predictions of a Parquet batch in one file, another one in each attempt."""
    return f"{folder_of(batch)}/out/predictions{_of_attempt(batch)}.parquet"


def metrics_key(batch: Batch) -> str:
    """The key of the metrics of a batch that is measured, another one in each attempt."""
    return f"{folder_of(batch)}/metrics{_of_attempt(batch)}.json"


def truths_key(batch: Batch, number: int) -> str:
    """The key of a shard's predictions with their true values, of a batch that is measured."""
    return f"{folder_of(batch)}/truths/part-{number:05}.jsonl.gz"


def marker_key(batch: Batch, number: int) -> str:
    """The key of a shard's marker."""
    return f"{folder_of(batch)}/done/{number:05}.json"


def _of_attempt(batch: Batch) -> str:
    """The part of a name by which the attempts differ: an earlier one had fewer shards to make it of."""
    return "" if batch.attempt == 1 else f"-{batch.attempt}"
