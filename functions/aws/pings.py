"""Pings: events that keep a function awake, which is answered them before any work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NO_PINGS = ("requestContext", "Records", "RequestType")
"""A key of every request to the API, message of a queue and step of a deployment."""


def is_ping(event: Mapping[str, Any]) -> bool:
    """Return True for an event of a schedule, or of a plugin such as serverless-plugin-warmup: it names its source."""
    return "source" in event and not any(key in event for key in NO_PINGS)
