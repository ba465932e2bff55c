"""Removal of training rows that no version names any more, or that are older than their retention."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from functools import partial

from functions.core.definition import Retention
from functions.core.errors import DamagedVersionError
from functions.core.prune_steps import Pruned, days_ago, is_due, marked_names, next_step, productive_versions
from functions.core.registry import Registry
from functions.core.retirement import take_back
from functions.core.row_ids import with_ids
from functions.core.threads import in_threads
from functions.core.training_data import FORGOTTEN, delete, successors, with_successors

logger = logging.getLogger(__name__)
DIGEST = re.compile(r"[0-9a-f]{64}")


class DataPruning:
    """The training rows of a registry; those of models that are not in `kept` stay."""

    def __init__(self, registry: Registry, kept: Mapping[str, Retention]) -> None:
        self._registry = registry
        self._storage = registry.storage
        self._kept = kept

    def plan(self) -> Iterator[Pruned]:
        if not self._kept:
            return
        needed = self._needed_digests()
        if needed is None:
            return
        names = self._storage.children("data")
        marked = marked_names(names)
        # what is left of a table after a removal that died, and the records in place of tables
        digests = {*with_ids(names), *(name.removesuffix(FORGOTTEN) for name in names)}
        for digest in sorted(filter(DIGEST.fullmatch, digests)):
            one = Pruned("retire", "training data", f"data/{digest}", "no version that is kept needs these rows")
            yield from next_step(self._storage, one, is_needed=digest in needed, is_marked=digest in marked)

    def _needed_digests(self) -> set[str] | None:
        """The digests of rows that are kept; None if a manifest or a record cannot be read, and may name any."""
        needed: set[str] = set()
        for model in self._storage.children("models"):
            retention = self._kept.get(model, Retention())
            productive = productive_versions(self._registry, model)
            versions = self._registry.versions(model)
            manifests = in_threads(partial(self._registry.readable, model), versions)
            for version, manifest in zip(versions, manifests, strict=True):
                if manifest is None:
                    logger.error("no training data is removed: version %s of %s may name any", version, model)
                    return None
                data = manifest.data
                if data is None:
                    continue
                is_young = retention.data_days is None or data.time >= days_ago(retention.data_days)
                if is_young or version in productive:
                    needed.add(data.digest)
        try:
            return with_successors(needed, successors(self._storage))
        except DamagedVersionError as error:
            logger.error("no training data is removed: %s", error)
            return None

    def remove(self, key: str) -> None:
        if not is_due(self._storage, key):
            return
        delete(self._storage, key.removeprefix("data/"))
        take_back(self._storage, key)
