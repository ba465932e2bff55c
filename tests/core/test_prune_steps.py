"""The steps of removals: retired, removed a day later, and kept again."""

from __future__ import annotations

import pytest

from functions.core.prune_steps import Pruned, days_ago, is_due, marked_names, next_step
from functions.core.retirement import RETIRED_SECONDS, renew, retire, take_back
from functions.core.storage import Storage
from tests.core.pruning_runs import PruneClock

ONE = Pruned("retire", "version", "models/churn/versions/1", "too old")


def steps(storage: Storage, *, is_needed: bool) -> list[str]:
    marked = marked_names(storage.children("models/churn/versions"))
    return [one.step for one in next_step(storage, ONE, is_needed=is_needed, is_marked="1" in marked)]


def test_what_is_not_needed_is_retired_first_and_removed_later(storage: Storage, clock: PruneClock) -> None:
    assert steps(storage, is_needed=True) == []
    assert steps(storage, is_needed=False) == ["retire"]
    retire(storage, ONE.key)
    assert steps(storage, is_needed=False) == []
    clock.wait(RETIRED_SECONDS + 1)
    assert steps(storage, is_needed=False) == ["remove"]
    assert steps(storage, is_needed=True) == ["keep"]


def test_a_removal_is_due_as_long_as_no_work_began_its_time_again(storage: Storage, clock: PruneClock) -> None:
    assert not is_due(storage, ONE.key)
    retire(storage, ONE.key)
    clock.wait(RETIRED_SECONDS + 1)
    assert is_due(storage, ONE.key)
    renew(storage, ONE.key)
    assert not is_due(storage, ONE.key)
    clock.wait(RETIRED_SECONDS + 1)
    assert is_due(storage, ONE.key)
    take_back(storage, ONE.key)
    assert not is_due(storage, ONE.key)


@pytest.mark.usefixtures("clock")
def test_days_are_counted_back_from_now() -> None:
    assert days_ago(1) == "2025-12-31T00:00:00.000000Z"
