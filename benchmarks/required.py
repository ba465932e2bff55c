"""The figures that Despliegue must reach, and the verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.measure import Measurement
from benchmarks.servers import STRONG_PEER

TIMES_LESS_CPU = {"one": 15.0, "thousand": 4.0}
"""The least CPU time of the strong peer as a multiple of Despliegue's, by size."""
LARGEST_DIFFERENCE = 1e-3


@dataclass(frozen=True, slots=True)
class Verdict:
    model: str
    size: str
    required: float
    measured: float

    @property
    def is_met(self) -> bool:
        return self.measured >= self.required


def verdicts(model: str, measured: Sequence[Measurement]) -> list[Verdict]:
    """A verdict for each size. Raises RuntimeError if a server predicts something else than Despliegue."""
    ours, *peers = measured
    for peer in peers:
        if peer.largest_difference > LARGEST_DIFFERENCE:
            raise RuntimeError(f"{model}: {peer.server.label} differs by {peer.largest_difference}: not comparable")
    strong = next(peer for peer in peers if peer.server.name == STRONG_PEER)
    return [Verdict(model, size, required, strong.ratio_to(ours, size)) for size, required in TIMES_LESS_CPU.items()]
