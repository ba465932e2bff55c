"""The steps of removals: what each takes away, of which kind, and the two runs in which some things go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from functions.core.clock import now
from functions.core.registry import Registry
from functions.core.retirement import MARK, RETIRED_SECONDS, retired_since
from functions.core.storage import Storage
from functions.core.uploads import LINK_SECONDS

DAY_SECONDS = 86_400
WAITING_SECONDS = LINK_SECONDS + DAY_SECONDS
"""The age of a job or a batch whose file never came: its form ended, and a day is enough for a file on its way."""
Step = Literal["retire", "remove", "keep"]
Kind = Literal["version", "job", "batch", "training data"]


@dataclass(frozen=True, slots=True)
class Pruned:
    """One step of a plan; `key` is the place in the registry.

    Versions and training rows are first retired, and removed by a later run; `keep` takes the mark back, because the
    retention or the production changed meanwhile.
    """

    step: Step
    kind: Kind
    key: str
    reason: str


def next_step(storage: Storage, one: Pruned, *, is_needed: bool, is_marked: bool) -> Iterator[Pruned]:
    """The next step on the way to the removal, or back; none while the time of the mark is not over."""
    since = retired_since(storage, one.key) if is_marked else None
    if is_needed and since is not None:
        yield replace(one, step="keep", reason="it is needed again")
    elif not is_needed and since is None:
        yield one
    elif not is_needed and _is_over(since):
        yield replace(one, step="remove")


def is_due(storage: Storage, key: str) -> bool:
    """True if the time of the mark on `key` is over now: a training may have begun it again after the plan."""
    return _is_over(retired_since(storage, key))


def _is_over(since: str | None) -> bool:
    return since is not None and since < now(plus_seconds=-RETIRED_SECONDS)


def marked_names(names: Sequence[str]) -> set[str]:
    """The names of what is retired, from the names in a folder."""
    return {name.removesuffix(MARK) for name in names if name.endswith(MARK)}


def productive_versions(registry: Registry, model: str) -> set[int]:
    """The version in production and the one before it, to which a rollback returns."""
    production = registry.promotable(model).production
    if production is None:
        return set()
    return {production.version, *([production.previous] if production.previous is not None else [])}


def days_ago(days: int) -> str:
    return now(plus_seconds=-days * DAY_SECONDS)
