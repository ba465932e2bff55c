"""List prices of us-east-1 in US dollars, by which the cost of a batch is told; docs/aws.md has them too."""

from __future__ import annotations

import platform

from functions.core.batch_costs import BatchPrices

GB_SECOND = {"x86_64": 0.0000166667, "aarch64": 0.0000133334}
INVOCATION = 0.20 / 1_000_000
STATE_TRANSITION = 0.025 / 1_000
SHARD_TRANSITIONS = 2
STORED_PREDICTION = 0.625 / 1_000_000
"""A write of up to 1 kB, which few predictions exceed."""


def batch_prices(memory_mb: int, machine: str = "") -> BatchPrices:
    """The prices for a function of that memory, on processors like `machine`, by default like this one's."""
    return BatchPrices(
        memory_mb=memory_mb,
        gb_second=GB_SECOND.get(machine or platform.machine(), GB_SECOND["x86_64"]),
        shard=INVOCATION + SHARD_TRANSITIONS * STATE_TRANSITION,
        stored_prediction=STORED_PREDICTION,
    )
