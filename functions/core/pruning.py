"""Removal of what the retention of the models no longer keeps: versions, finished jobs and training rows.

Production needs its version, the one before it and their rows; an unfinished job needs its claim and its file. None of
these is removed, whatever the retention says. Numbers are never given twice: the newest version is always kept.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from functions.core.clock import now
from functions.core.definition import Definition, Retention
from functions.core.errors import DamagedVersionError
from functions.core.history import Production
from functions.core.jobs import Job, Jobs
from functions.core.published import forget_published, numeric_names
from functions.core.registry import Registry
from functions.core.retirement import MARK, RETIRED_SECONDS, retire, retired_since, take_back
from functions.core.row_ids import with_ids
from functions.core.storage import Storage, is_object
from functions.core.threads import in_threads
from functions.core.training_data import FORGOTTEN, delete, successors, with_successors
from functions.core.uploads import LINK_SECONDS, is_awaited

logger = logging.getLogger(__name__)
DAY_SECONDS = 86_400
WAITING_SECONDS = LINK_SECONDS + DAY_SECONDS
"""The age of a job whose file never came: its form ended, and a day is enough for a file that was on its way."""
DIGEST = re.compile(r"[0-9a-f]{64}")
Step = Literal["retire", "remove", "keep"]
Kind = Literal["version", "job", "training data"]


@dataclass(frozen=True, slots=True)
class Pruned:
    """One step of a plan; `key` is the place in the registry.

    Versions and training rows are first retired, and removed by a later run; `keep` takes the mark back, because the
    retention or the production changed meanwhile.
    """

    step: Step
    kind: Kind
    key: str
    reason: str


def retentions(definitions: Mapping[str, Definition], default: Retention | None) -> dict[str, Retention]:
    """The retention of each model that has one: its own, else the `default`."""
    chosen = {name: definition.retention or default for name, definition in definitions.items()}
    return {name: retention for name, retention in chosen.items() if retention is not None}


class Pruning:
    """Removal by the retention of each model in `kept`; models without one keep everything.

    Without `uploads`, jobs whose file somebody dropped are kept: on a laptop, such a file without its job would be
    trained on again.
    """

    def __init__(self, registry: Registry, uploads: Storage | None, kept: Mapping[str, Retention]) -> None:
        self._registry = registry
        self._storage = registry.storage
        self._uploads = uploads
        self._jobs = Jobs(registry.storage)
        self._kept = kept

    def plan(self) -> list[Pruned]:
        """The steps of a run at this moment, without taking any."""
        return [*self._versions(), *self._finished_jobs(), *self._training_data()]

    def carry_out(self, plan: Sequence[Pruned]) -> None:
        """Take the steps of a plan. A run that dies is continued by the next one."""
        for one in plan:
            if one.step == "retire":
                retire(self._storage, one.key)
            elif one.step == "keep":
                take_back(self._storage, one.key)
            else:
                REMOVALS[one.kind](self, one.key)

    def _versions(self) -> Iterator[Pruned]:
        for model, retention in self._kept.items():
            if retention.versions is not None:
                yield from self._versions_of(model, retention, retention.versions)

    def _versions_of(self, model: str, retention: Retention, newest: int) -> Iterator[Pruned]:
        published = self._registry.versions(model)
        needed = {*published[-newest:], *self._in_use(model, retention.production_days)}
        folder = f"models/{model}/versions"
        marked = _marked(self._storage.children(folder))
        reason = f"not among the newest {newest}, and not in production for {retention.production_days} days"
        for version in published:
            one = Pruned("retire", "version", f"{folder}/{version}", reason)
            yield from self._next_step(one, is_needed=version in needed, is_marked=str(version) in marked)
        # a removal that died after it had removed the manifest
        for name in sorted(marked - {str(version) for version in published}):
            yield Pruned("remove", "version", f"{folder}/{name}", "its removal was interrupted")

    def _in_use(self, model: str, production_days: int) -> set[int]:
        """The versions that production or an unfinished job may need, and those of the last days."""
        promotions = self._registry.history(model)
        cutoff = _ago(production_days)
        recent = {one.version for one, end in zip(promotions, _ends(promotions), strict=True) if end >= cutoff}
        claimed = {job.claimed for job in self._jobs.newest_first(model).entries if not job.is_finished and job.claimed}
        return {*recent, *claimed, *self._productive(model)}

    def _productive(self, model: str) -> set[int]:
        """The version in production and the one before it, to which a rollback returns."""
        production = self._registry.promotable(model).production
        if production is None:
            return set()
        return {production.version, *([production.previous] if production.previous is not None else [])}

    def _finished_jobs(self) -> Iterator[Pruned]:
        for model, retention in self._kept.items():
            if retention.job_days is None:
                continue
            for job in self._jobs.newest_first(model).entries:
                reason = self._end_of(job, retention.job_days)
                if reason is not None and not self._is_dropped_file(job):
                    yield Pruned("remove", "job", f"models/{model}/jobs/{job.job}.json", reason)

    def _end_of(self, job: Job, days: int) -> str | None:
        if job.is_finished and job.updated < _ago(days):
            return f"{job.state} more than {days} days ago"
        if job.state == "waiting" and job.created < now(plus_seconds=-WAITING_SECONDS):
            return "its form expired, and no file came"
        return None

    def _is_dropped_file(self, job: Job) -> bool:
        """Return True if the job's file was dropped by a person, and may still be there."""
        return not is_awaited(job.upload) and (self._uploads is None or is_object(self._uploads, job.upload))

    def _training_data(self) -> Iterator[Pruned]:
        if not self._kept:
            return
        needed = self._needed_digests()
        if needed is None:
            return
        names = self._storage.children("data")
        marked = _marked(names)
        # what is left of a table after a removal that died, and the records in place of tables
        digests = {*with_ids(names), *(name.removesuffix(FORGOTTEN) for name in names)}
        for digest in sorted(filter(DIGEST.fullmatch, digests)):
            one = Pruned("retire", "training data", f"data/{digest}", "no version that is kept needs these rows")
            yield from self._next_step(one, is_needed=digest in needed, is_marked=digest in marked)

    def _needed_digests(self) -> set[str] | None:
        """The digests of rows that are kept; None if a manifest or a record cannot be read, and may name any."""
        needed: set[str] = set()
        for model in self._storage.children("models"):
            retention = self._kept.get(model, Retention())
            productive = self._productive(model)
            versions = self._registry.versions(model)
            manifests = in_threads(partial(self._registry.readable, model), versions)
            for version, manifest in zip(versions, manifests, strict=True):
                if manifest is None:
                    logger.error("no training data is removed: version %s of %s may name any", version, model)
                    return None
                data = manifest.data
                if data is None:
                    continue
                is_young = retention.data_days is None or data.time >= _ago(retention.data_days)
                if is_young or version in productive:
                    needed.add(data.digest)
        try:
            return with_successors(needed, successors(self._storage))
        except DamagedVersionError as error:
            logger.error("no training data is removed: %s", error)
            return None

    def _next_step(self, one: Pruned, *, is_needed: bool, is_marked: bool) -> Iterator[Pruned]:
        """The next step on the way to the removal, or back; none while the time of the mark is not over."""
        since = retired_since(self._storage, one.key) if is_marked else None
        if is_needed and since is not None:
            yield replace(one, step="keep", reason="it is needed again")
        elif not is_needed and since is None:
            yield one
        elif not is_needed and since is not None and since < now(plus_seconds=-RETIRED_SECONDS):
            yield replace(one, step="remove")

    def _remove_version(self, key: str) -> None:
        _, model, _, version = key.split("/")
        for number in numeric_names([version]):
            forget_published(self._storage, model, number)
        names = self._storage.children(key)
        # the manifest first: without it there is no version, and never half of one
        for name in sorted(names, key=lambda name: name != "manifest.json"):
            self._storage.delete(f"{key}/{name}")
        take_back(self._storage, key)

    def _remove_job(self, key: str) -> None:
        _, model, _, name = key.split("/")
        job = self._jobs.read(model, name.removesuffix(".json"))
        if not self._jobs.close(job):
            return
        # before the record: a file without its job would be trained on again
        if self._uploads is not None and is_awaited(job.upload):
            self._uploads.delete(job.upload)
        self._jobs.delete(job)

    def _remove_data(self, key: str) -> None:
        delete(self._storage, key.removeprefix("data/"))
        take_back(self._storage, key)


REMOVALS: Mapping[Kind, Callable[[Pruning, str], None]] = {
    "version": Pruning._remove_version,
    "job": Pruning._remove_job,
    "training data": Pruning._remove_data,
}


def _marked(names: Sequence[str]) -> set[str]:
    return {name.removesuffix(MARK) for name in names if name.endswith(MARK)}


def _ends(promotions: Sequence[Production]) -> list[str]:
    """The time at which each promotion gave way to the next; for the last one the present time."""
    return [*(one.time for one in promotions[1:]), now()][: len(promotions)]


def _ago(days: int) -> str:
    return now(plus_seconds=-days * DAY_SECONDS)
