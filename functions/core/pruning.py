"""Removal of what the retention of the models no longer keeps: versions, finished jobs and batches, and training rows.

Production needs its version, the one before it and their rows; an unfinished job needs its claim and its file. None of
these is removed, whatever the retention says. Each kind has a module of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from functions.core.batch_pruning import BatchPruning
from functions.core.data_pruning import DataPruning
from functions.core.definition import Definition, Retention
from functions.core.job_pruning import JobPruning
from functions.core.lookups import PredictionStore
from functions.core.prune_steps import Kind, Pruned
from functions.core.registry import Registry
from functions.core.retirement import retire, take_back
from functions.core.storage import Storage
from functions.core.version_pruning import VersionPruning


class KindPruning(Protocol):
    """Removal of one kind of thing."""

    def plan(self) -> Iterator[Pruned]:
        """The steps that are due."""
        ...

    def remove(self, key: str) -> None:
        """Remove one thing, unless it is needed again. A removal that dies is continued by the next run."""
        ...


def retentions(definitions: Mapping[str, Definition], default: Retention | None) -> dict[str, Retention]:
    """The retention of each model that has one: its own, else the `default`."""
    chosen = {name: definition.retention or default for name, definition in definitions.items()}
    return {name: retention for name, retention in chosen.items() if retention is not None}


class Pruning:
    """Removal by the retention of each model in `kept`; models without one keep everything.

    `uploads` has the files of jobs and batches. Without it, batches and jobs whose file somebody dropped are kept.
    `store` has the predictions of batches that can be looked up.
    """

    def __init__(
        self,
        registry: Registry,
        uploads: Storage | None,
        kept: Mapping[str, Retention],
        store: PredictionStore | None = None,
    ) -> None:
        self._storage = registry.storage
        self._kinds: Mapping[Kind, KindPruning] = {
            "version": VersionPruning(registry, kept),
            "job": JobPruning(registry, uploads, kept),
            "batch": BatchPruning(registry.storage, uploads, store, kept),
            "training data": DataPruning(registry, kept),
        }

    def plan(self) -> list[Pruned]:
        """The steps of a run at this moment, without taking any."""
        return [step for kind in self._kinds.values() for step in kind.plan()]

    def carry_out(self, plan: Sequence[Pruned]) -> None:
        """Take the steps of a plan. A run that dies is continued by the next one."""
        for one in plan:
            if one.step == "retire":
                retire(self._storage, one.key)
            elif one.step == "keep":
                take_back(self._storage, one.key)
            else:
                self._kinds[one.kind].remove(one.key)
