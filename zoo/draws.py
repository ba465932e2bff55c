"""Random draws that are the same on every platform and Python version."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

Item = TypeVar("Item")


class Draws:
    """Draws from `random.Random(seed).random()`, the one sequence that Python promises to keep for a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - invented rows, nothing secret

    def chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def whole(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int((high - low + 1) * self._random.random())

    def one_of(self, items: Sequence[Item]) -> Item:
        return items[self.whole(0, len(items) - 1)]

    def shuffled(self, items: Iterable[Item]) -> list[Item]:
        """All of the items, each order equally likely."""
        mixed = list(items)
        for last in range(len(mixed) - 1, 0, -1):
            other = self.whole(0, last)
            mixed[last], mixed[other] = mixed[other], mixed[last]
        return mixed

    def weighted(self, weights: Mapping[Item, float]) -> Item:
        """A key, in proportion to its weight; the weights need not add up to 1."""
        left = self._random.random() * math.fsum(weights.values())
        for item, weight in weights.items():
            left -= weight
            if left < 0:
                return item
        return next(reversed(list(weights)))

    def normal(self, mean: float = 0.0, deviation: float = 1.0) -> float:
        """Nearly normal: a sum of twelve uniform draws, never over six deviations from the mean."""
        return mean + deviation * (math.fsum(self._random.random() for _ in range(12)) - 6)

    def exponential(self, mean: float) -> float:
        return -mean * math.log(1 - self._random.random())
