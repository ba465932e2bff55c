"""Settings of the zoo's own tests, which use nothing of tests/."""

from __future__ import annotations

from hypothesis import settings

# nothing in the tests is timed: the machine may be busy
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
