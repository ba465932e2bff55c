"""Times in their written form: RFC 3339 in UTC with microseconds, so that the order of texts is the order of times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def now(*, plus_seconds: float = 0) -> str:
    """The present time, or a later one: 2026-01-31T12:00:00.000000Z."""
    moment = datetime.now(UTC)
    return stamp(moment + timedelta(seconds=plus_seconds) if plus_seconds else moment)


def stamp(moment: datetime) -> str:
    """An aware datetime in the written form."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
