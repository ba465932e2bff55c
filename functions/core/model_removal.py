"""Removal of a model with everything that a registry and its uploads hold of it."""

from __future__ import annotations

from dataclasses import dataclass

from functions.core.batch_keys import BATCHES_PREFIX
from functions.core.lookups import PredictionStore
from functions.core.registry import Registry
from functions.core.storage import Storage
from functions.core.training_data import delete, successors, with_successors
from functions.core.uploads import AWAITED, SCHEDULED_PREFIX

FIRST = ("production.json", "predictions.json", "jobs")
"""Parts of a model that go first: nothing is served or looked up from then on, and no job goes on."""


@dataclass(frozen=True, slots=True)
class Held:
    """The number of each thing that is there of a model; `data` are the digests of rows that no other model has."""

    versions: int
    jobs: int
    batches: int
    uploads: int
    data: tuple[str, ...]

    @property
    def is_nothing(self) -> bool:
        return not (self.versions or self.jobs or self.batches or self.uploads)


class ModelRemoval:
    """Removal of one model. A removal that dies is ended by the next one.

    `uploads` has the files of jobs and batches, `store` the predictions that can be looked up; what is None stays.
    """

    def __init__(
        self, registry: Registry, uploads: Storage | None, model: str, store: PredictionStore | None = None
    ) -> None:
        self._store = store
        self._registry = registry
        self._storage = registry.storage
        self._uploads = uploads
        self._model = model

    def held(self) -> Held:
        """Count what is there, without changing it."""
        return Held(
            versions=len(self._registry.versions(self._model)),
            jobs=len(self._storage.children(f"models/{self._model}/jobs")),
            batches=len(self._storage.children(f"models/{self._model}/batches")),
            uploads=0 if self._uploads is None else sum(len(self._uploads.keys(folder)) for folder in self._arrivals()),
            data=self._own_data(),
        )

    def remove(self) -> None:
        """Remove everything. A server that runs goes on with the version in its memory until it is restarted."""
        folder = f"models/{self._model}"
        for name in FIRST:
            _delete(self._storage, f"{folder}/{name}")
        if self._uploads is not None:
            for arrivals in (*self._arrivals(), f"{BATCHES_PREFIX}/{self._model}"):
                _delete(self._uploads, arrivals)
        if self._store is not None:
            for batch in self._storage.children(f"{folder}/batches"):
                self._store.delete(self._model, batch)
        # while the versions are there, because they name the rows
        for digest in self._own_data():
            delete(self._storage, digest)
        _delete(self._storage, folder)

    def _arrivals(self) -> list[str]:
        """The folders of files that arrived for the model, and of those that are predicted again and again."""
        return [f"{prefix}/{self._model}" for prefix in (*AWAITED, SCHEDULED_PREFIX)]

    def _own_data(self) -> tuple[str, ...]:
        own = {digest for digest in self._digests(self._model) if digest}
        following = successors(self._storage) if own else {}
        own = with_successors(own, following)
        for other in self._storage.children("models") if own else ():
            if other != self._model:
                used = self._digests(other)
                if None in used:  # a manifest that cannot be read may name any
                    return ()
                own -= with_successors({digest for digest in used if digest}, following)
        return tuple(sorted(own))

    def _digests(self, model: str) -> set[str | None]:
        """The digests that the versions name; None for a version whose manifest cannot be read."""
        found: set[str | None] = set()
        for version in self._registry.versions(model):
            manifest = self._registry.readable(model, version)
            if manifest is None or manifest.data is not None:
                found.add(manifest.data.digest if manifest and manifest.data else None)
        return found


def _delete(storage: Storage, key: str) -> None:
    """Delete everything below the folder `key`, and the object of that key."""
    for name in storage.children(key):
        _delete(storage, f"{key}/{name}")
    storage.delete(key)
