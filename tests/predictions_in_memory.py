"""A store of predictions in this process, which the tests of batches share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from functions.core.lookups import StoredPrediction


@dataclass
class PredictionsInMemory:
    """Predictions by model, batch and id, and the number of each write."""

    held: dict[tuple[str, str], dict[str, StoredPrediction]] = field(default_factory=dict)
    sizes: list[int] = field(default_factory=list)

    def write(self, model: str, batch: str, predictions: Sequence[StoredPrediction]) -> None:
        self.sizes.append(len(predictions))
        self.held.setdefault((model, batch), {}).update({one.id: one for one in predictions})

    def read(self, model: str, batch: str, ids: Sequence[str]) -> dict[str, StoredPrediction]:
        found = self.held.get((model, batch), {})
        return {one: found[one] for one in ids if one in found}

    def remove(self, model: str, batch: str, ids: Sequence[str]) -> None:
        for one in ids:
            self.held.get((model, batch), {}).pop(one, None)

    def delete(self, model: str, batch: str) -> None:
        self.held.pop((model, batch), None)
