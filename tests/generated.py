"""The number of examples of a property test: its own at the usual profile, fewer or more at another."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

USUAL = 100
"""The default of Hypothesis."""
FEWEST = 5


def examples(count: int, *, share_fixtures: bool = False) -> settings:
    """`count` examples at the profile "untimed", in proportion at "quick" and "full".

    With `share_fixtures` the examples of a test may use its fixtures, which are made once for all of them.
    """
    scaled = max(FEWEST, count * settings.default.max_examples // USUAL)
    suppressed = [HealthCheck.function_scoped_fixture] if share_fixtures else []
    return settings(max_examples=scaled, suppress_health_check=suppressed)
