"""Metrics as lines of the log in the embedded format of CloudWatch, which needs no call and no agent."""

from __future__ import annotations

import os
from collections.abc import Mapping

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics.functions import is_metrics_disabled

NAMESPACE = "POWERTOOLS_METRICS_NAMESPACE"
COUNT = "Count"
UNITS: Mapping[str, str] = {"Latency": "Milliseconds", "TrainingSeconds": "Seconds"}
"""The units of metrics that are not counts."""


class FunctionMetrics:
    """The metrics of one function, under the name of its service; without a namespace nothing is written.

    The first line of a process counts its cold start. Zeros are left out: they cost time and money to send, and the
    sum is the same.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        namespace = environment.get(NAMESPACE)
        self._metrics = Metrics(namespace=namespace) if namespace and not is_metrics_disabled() else None
        self._is_cold = True

    def write(self, values: Mapping[str, float], **metadata: object) -> None:
        """Write one line with these metrics. `metadata` is for readers of the log only; None is left out."""
        cold, self._is_cold = self._is_cold, False
        if self._metrics is None:
            return
        for name, value in {**values, "ColdStart": int(cold)}.items():
            if value:
                self._metrics.add_metric(name, UNITS.get(name, COUNT), value)
        for key, detail in metadata.items():
            if detail is not None:
                self._metrics.add_metadata(key, detail)
        self._metrics.flush_metrics()


def request_metrics(status: int, latency_ms: float) -> dict[str, float]:
    """The metrics that every function writes for an HTTP request that it answered."""
    return {"Latency": latency_ms, "Refusals": int(400 <= status < 500), "ServerErrors": int(status >= 500)}
