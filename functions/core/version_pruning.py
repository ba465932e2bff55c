"""Removal of versions that are no longer kept.

Production needs its version and the one before it, an unfinished job its claim, and an unfinished batch the version
that predicts it. Numbers are never given twice: the
newest version is always kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from functions.core.batches import Batches
from functions.core.clock import now
from functions.core.definition import Retention
from functions.core.history import Production
from functions.core.jobs import Jobs
from functions.core.prune_steps import Pruned, days_ago, is_due, marked_names, next_step, productive_versions
from functions.core.published import forget_published, numeric_names
from functions.core.registry import Registry
from functions.core.retirement import take_back


class VersionPruning:
    """The versions of the models in `kept`."""

    def __init__(self, registry: Registry, kept: Mapping[str, Retention]) -> None:
        self._registry = registry
        self._storage = registry.storage
        self._jobs = Jobs(registry.storage)
        self._kept = kept

    def plan(self) -> Iterator[Pruned]:
        for model, retention in self._kept.items():
            if retention.versions is not None:
                yield from self._versions_of(model, retention, retention.versions)

    def _versions_of(self, model: str, retention: Retention, newest: int) -> Iterator[Pruned]:
        published = self._registry.versions(model)
        needed = {*published[-newest:], *self._in_use(model, retention.production_days)}
        folder = f"models/{model}/versions"
        marked = marked_names(self._storage.children(folder))
        reason = f"not among the newest {newest}, and not in production for {retention.production_days} days"
        for version in published:
            one = Pruned("retire", "version", f"{folder}/{version}", reason)
            yield from next_step(self._storage, one, is_needed=version in needed, is_marked=str(version) in marked)
        # a removal that died after it had removed the manifest
        for name in sorted(marked - {str(version) for version in published}):
            yield Pruned("remove", "version", f"{folder}/{name}", "its removal was interrupted")

    def _in_use(self, model: str, production_days: int) -> set[int]:
        """The versions that production, an unfinished job or batch may need, and those of the last days."""
        promotions = self._registry.history(model)
        cutoff = days_ago(production_days)
        recent = {one.version for one, end in zip(promotions, _ends(promotions), strict=True) if end >= cutoff}
        claimed = {job.claimed for job in self._jobs.newest_first(model).entries if not job.is_finished and job.claimed}
        return {*recent, *claimed, *self._of_batches(model), *productive_versions(self._registry, model)}

    def _of_batches(self, model: str) -> set[int]:
        """The versions by which batches go on."""
        batches = Batches(self._storage, self._storage).newest_first(model).entries
        return {batch.plan.version for batch in batches if batch.plan is not None and not batch.is_finished}

    def remove(self, key: str) -> None:
        if not is_due(self._storage, key):
            return
        _, model, _, version = key.split("/")
        for number in numeric_names([version]):
            forget_published(self._storage, model, number)
        names = self._storage.children(key)
        # the manifest first: without it there is no version, and never half of one
        for name in sorted(names, key=lambda name: name != "manifest.json"):
            self._storage.delete(f"{key}/{name}")
        take_back(self._storage, key)


def _ends(promotions: Sequence[Production]) -> list[str]:
    """The time at which each promotion gave way to the next; for the last one the present time."""
    return [*(one.time for one in promotions[1:]), now()][: len(promotions)]
