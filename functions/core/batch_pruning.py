"""Removal of batches that ended long ago: their files, stored predictions and records.

The batch that answers lookups stays, and the one before it, which may be brought back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from functions.core.batch_keys import folder_of
from functions.core.batch_record import Batch
from functions.core.batches import Batches
from functions.core.clock import now
from functions.core.definition import Retention
from functions.core.errors import NotFoundError
from functions.core.lookups import PredictionStore, answering_batch
from functions.core.prune_steps import WAITING_SECONDS, Pruned, days_ago
from functions.core.storage import Storage, is_object
from functions.core.uploads import is_awaited


class BatchPruning:
    """The ended batches of the models in `kept`, with `files` and what `store` has of them.

    A batch whose file somebody dropped is kept while the file is there: on a laptop, it would be predicted again.
    """

    def __init__(
        self, records: Storage, files: Storage | None, store: PredictionStore | None, kept: Mapping[str, Retention]
    ) -> None:
        self._records = records
        self._files = files
        self._store = store
        self._kept = kept

    def plan(self) -> Iterator[Pruned]:
        """The steps that are due; none where the files are not known, which would stay without their record."""
        if self._files is None:
            return
        for model, retention in self._kept.items():
            if retention.batch_days is not None:
                yield from self._plan_of(model, retention.batch_days, self._files)

    def remove(self, key: str) -> None:
        """Remove a batch, unless it was begun again."""
        _, model, _, name = key.split("/")
        if self._files is None:
            return
        batches = Batches(self._records, self._files)
        try:
            batch = batches.read(model, name)
        except NotFoundError:
            return
        days = self._kept[model].batch_days
        is_due = days is not None and _end_of(batch, days, self._files) is not None
        if not is_due or batch.batch in _answering(self._records, model):
            return
        # its file first: without it nobody begins the batch again
        if is_awaited(batch.input):
            _delete_below(self._files, batch.input.rpartition("/")[0])
        if self._store is not None:
            self._store.delete(model, name)
        _delete_below(self._files, folder_of(batch))
        batches.delete(batch)

    def _plan_of(self, model: str, days: int, files: Storage) -> Iterator[Pruned]:
        needed = _answering(self._records, model)
        for batch in Batches(self._records, files).newest_first(model).entries:
            reason = _end_of(batch, days, files)
            if reason is not None and batch.batch not in needed and not _is_dropped_file(batch, files):
                yield Pruned("remove", "batch", f"models/{model}/batches/{batch.batch}", reason)


def _end_of(batch: Batch, days: int, files: Storage) -> str | None:
    """The reason why a batch may go; None for one that is young, goes on, or has not had its turn."""
    if batch.is_finished:
        return f"{batch.state(0)} more than {days} days ago" if batch.updated < days_ago(days) else None
    is_late = batch.plan is None and batch.created < now(plus_seconds=-WAITING_SECONDS)
    return "its form expired, and no file came" if is_late and not is_object(files, batch.input) else None


def _answering(records: Storage, model: str) -> set[str]:
    """The batch that answers, and the one before it."""
    found = answering_batch(records, model)
    return set() if found is None else {found.batch, *([found.previous] if found.previous else [])}


def _is_dropped_file(batch: Batch, files: Storage) -> bool:
    return not is_awaited(batch.input) and is_object(files, batch.input)


def _delete_below(storage: Storage, folder: str) -> None:
    for key in storage.keys(folder):
        storage.delete(key)
