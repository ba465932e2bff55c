"""Removal of jobs that ended long ago, with their files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from functions.core.clock import now
from functions.core.definition import Retention
from functions.core.errors import NotFoundError
from functions.core.jobs import Job, Jobs
from functions.core.prune_steps import WAITING_SECONDS, Pruned, days_ago
from functions.core.registry import Registry
from functions.core.storage import Storage, is_object
from functions.core.uploads import is_awaited


class JobPruning:
    """The finished jobs of the models in `kept`. A job whose file somebody dropped is kept while the file may be there:
    on a laptop, the file would be trained on again.
    """

    def __init__(self, registry: Registry, uploads: Storage | None, kept: Mapping[str, Retention]) -> None:
        self._jobs = Jobs(registry.storage)
        self._uploads = uploads
        self._kept = kept

    def plan(self) -> Iterator[Pruned]:
        for model, retention in self._kept.items():
            if retention.job_days is None:
                continue
            for job in self._jobs.newest_first(model).entries:
                reason = self._end_of(job, retention.job_days)
                if reason is not None and not self._is_dropped_file(job):
                    yield Pruned("remove", "job", f"models/{model}/jobs/{job.job}.json", reason)

    def _end_of(self, job: Job, days: int) -> str | None:
        if job.is_finished and job.updated < days_ago(days):
            return f"{job.state} more than {days} days ago"
        if job.state == "waiting" and job.created < now(plus_seconds=-WAITING_SECONDS):
            return "its form expired, and no file came"
        return None

    def _is_dropped_file(self, job: Job) -> bool:
        """Return True if the job's file was dropped by a person, and may still be there."""
        return not is_awaited(job.upload) and (self._uploads is None or is_object(self._uploads, job.upload))

    def remove(self, key: str) -> None:
        _, model, _, name = key.split("/")
        try:
            job = self._jobs.read(model, name.removesuffix(".json"))
            if not self._jobs.close(job):
                return
        except NotFoundError:  # another run removed it meanwhile
            return
        # before the record: a file without its job would be trained on again
        if self._uploads is not None and is_awaited(job.upload):
            self._uploads.delete(job.upload)
        self._jobs.delete(job)
