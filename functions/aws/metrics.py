"""Metrics as lines of the log in the embedded format of CloudWatch, which needs no call and no agent."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import Any

import orjson
from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics.functions import is_metrics_disabled

NAMESPACE = "POWERTOOLS_METRICS_NAMESPACE"
COUNT = "Count"
UNITS: Mapping[str, str] = {"Latency": "Milliseconds", "TrainingSeconds": "Seconds", "ShardSeconds": "Seconds"}
"""The units of metrics that are not counts."""
WATCHED = frozenset({"SlowAnswers", "StaleServing"})
"""The metrics that are reported a second time without the service: one alarm then watches all models."""


class FunctionMetrics:
    """The metrics of one function, under the name of its service; without a namespace nothing is written.

    The first line of a process counts its cold start. Zeros are left out: they cost time and money to send, and the
    sum is the same.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        namespace = environment.get(NAMESPACE)
        self._metrics = Metrics(namespace=namespace) if namespace and not is_metrics_disabled() else None
        service = self._metrics.service if self._metrics else None
        self._dimensions = {"service": service} if service else {}
        self._is_cold = True

    def write(self, values: Mapping[str, float], **metadata: object) -> None:
        """Write one line with these metrics. `metadata` is for readers of the log only; None is left out."""
        cold, self._is_cold = self._is_cold, False
        counted = {name: value for name, value in {**values, "ColdStart": int(cold)}.items() if value}
        if self._metrics is None or not counted:
            return
        # all at once: one by one, Powertools would check again names and units that are written here
        document = self._metrics.serialize_metric_set(
            metrics={
                name: {"Unit": UNITS.get(name, COUNT), "StorageResolution": 60, "Value": [float(value)]}
                for name, value in counted.items()
            },
            dimensions=self._dimensions,
            metadata={key: detail for key, detail in metadata.items() if detail is not None},
        )
        # in one call, because Lambda's runtime passes each on
        sys.stdout.write(orjson.dumps(_watched(dict(document)), option=orjson.OPT_APPEND_NEWLINE).decode())


def _watched(document: dict[str, Any]) -> dict[str, Any]:
    """Declare the metrics of WATCHED in a document of the embedded format for an empty set of dimensions as well."""
    declared = document["_aws"]["CloudWatchMetrics"]
    metrics = [one for one in declared[0]["Metrics"] if one["Name"] in WATCHED]
    if metrics:
        declared.append({**declared[0], "Dimensions": [[]], "Metrics": metrics})
    return document


def request_metrics(status: int, latency_ms: float) -> dict[str, float]:
    """The metrics that every function writes for an HTTP request that it answered."""
    return {"Latency": latency_ms, "Refusals": int(400 <= status < 500), "ServerErrors": int(status >= 500)}
