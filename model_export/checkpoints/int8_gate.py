"""Gate of int8: how much worse than the exact graph a quantized one may be on the examples of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from functions.core.errors import ParityError


@dataclass(frozen=True, slots=True)
class Compared:
    """The metrics of a task that int8 may not lower: a value of 1 is so many percentage points."""

    metrics: tuple[str, ...]
    points: int
    decimals: int


@dataclass(frozen=True, slots=True)
class Int8Gate:
    """`margin` is in percentage points; `work` is what int8 does with the examples, as in "answers 9 questions"."""

    margin: float
    examples: int
    work: str
    compared: Compared

    def losses(self, int8: Mapping[str, float], exact: Mapping[str, float]) -> list[str]:
        """A sentence for each metric that int8 lowers by more than the margin."""
        points, decimals = self.compared.points, self.compared.decimals
        return [
            f"{name} falls from {exact[name]:.{decimals}f} to {int8[name]:.{decimals}f}"
            for name in self.compared.metrics
            if points * (exact[name] - int8[name]) > self.margin
        ]

    def refuse_worse(self, int8: Mapping[str, float], exact: Mapping[str, float]) -> None:
        """Raise ParityError for metrics that fall by more than the margin."""
        lost = self.losses(int8, exact)
        if lost:
            raise ParityError(
                f"int8 {self.work} worse than the margin of {self.margin:g} points allows: {', '.join(lost)}; nothing "
                "is published (leave --quantize out to publish the exact graph)"
            )
