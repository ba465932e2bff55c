"""Metrics as lines of the log in the embedded format of CloudWatch, which needs no call and no agent.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

import orjson

from functions import SERVICE
from functions.aws.logs import SERVICE_NAME

NAMESPACE = "POWERTOOLS_METRICS_NAMESPACE"
DISABLED = "POWERTOOLS_METRICS_DISABLED"
COUNT = "Count"
UNITS: Mapping[str, str] = {"Latency": "Milliseconds", "TrainingSeconds": "Seconds"}
"""The units of metrics that are not counts."""
WATCHED = frozenset({"SlowAnswers", "StaleServing"})
"""The metrics that are reported a second time without the service: one alarm then watches all models."""


class FunctionMetrics:
    """The metrics of one function, under the name of its service; without a namespace nothing is written.

    The first line of a process counts its cold start. Zeros are left out: they cost time and money to send, and the
    sum is the same.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        is_disabled = environment.get(DISABLED, "").lower() in ("1", "true")
        self._namespace = "" if is_disabled else environment.get(NAMESPACE, "")
        self._service = environment.get(SERVICE_NAME, SERVICE)
        self._is_cold = True

    def write(self, values: Mapping[str, float], **metadata: object) -> None:
        """Write one line with these metrics. `metadata` is for readers of the log only; None is left out."""
        cold, self._is_cold = self._is_cold, False
        counted = {name: [float(value)] for name, value in {**values, "ColdStart": int(cold)}.items() if value}
        if not self._namespace or not counted:
            return
        line = {
            "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": self._declared(counted)},
            "service": self._service,
            **{key: detail for key, detail in metadata.items() if detail is not None},
            **counted,
        }
        print(orjson.dumps(line).decode())

    def _declared(self, names: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The metrics by their dimensions: those of WATCHED for an empty set of dimensions as well."""
        metrics = [{"Name": name, "Unit": UNITS.get(name, COUNT)} for name in names]
        watched = [one for one in metrics if one["Name"] in WATCHED]
        declared = [{"Namespace": self._namespace, "Dimensions": [["service"]], "Metrics": metrics}]
        if watched:
            declared.append({"Namespace": self._namespace, "Dimensions": [[]], "Metrics": watched})
        return declared


def request_metrics(status: int, latency_ms: float) -> dict[str, float]:
    """The metrics that every function writes for an HTTP request that it answered."""
    return {"Latency": latency_ms, "Refusals": int(400 <= status < 500), "ServerErrors": int(status >= 500)}
