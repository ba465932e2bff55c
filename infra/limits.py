"""Contradictions between the model folders and what AWS can run, found at synth and not in production."""

from __future__ import annotations

from collections.abc import Mapping

from functions.core.definition import Definition
from functions.core.errors import DefinitionError
from infra.settings import MEMORY_MB, STORAGE_MB

GATEWAY_SECONDS = 30
# A function that ends before the gateway gives up can still say why.
TIMEOUT_SECONDS = range(1, GATEWAY_SECONDS)
# An account starts with 10 or 1000 at once and may ask for tens of thousands; 0 would switch the model off.
RESERVED_CONCURRENCY = range(1, 100_000 + 1)
SNAP_START_STORAGE_MB = 512
DAY_SECONDS = 86_400


def check_definitions(definitions: Mapping[str, Definition]) -> None:
    """Raise DefinitionError, with all that is wrong in all folders, if a model cannot be deployed."""
    if not definitions:
        raise DefinitionError("no model to deploy: add a folder with a model.toml under models/")
    wrong = [
        f"{definition.folder / 'model.toml'}: [function] {fault}"
        for definition in definitions.values()
        for fault in (*_sizes(definition), *_freshness(definition), *_snap_start(definition))
    ]
    if wrong:
        raise DefinitionError("; ".join(wrong))


def _sizes(definition: Definition) -> list[str]:
    function = definition.function
    faults = []
    if not _is_within(function.timeout_seconds, TIMEOUT_SECONDS):
        faults.append(
            f"timeout_seconds is {function.timeout_seconds!r}: use 1 to {TIMEOUT_SECONDS[-1]}, "
            f"because the gateway gives up after {GATEWAY_SECONDS}"
        )
    ranges = {"memory_mb": MEMORY_MB, "storage_mb": STORAGE_MB, "reserved_concurrency": RESERVED_CONCURRENCY}
    for name, allowed in ranges.items():
        value = getattr(function, name)
        if value is not None and not _is_within(value, allowed):
            faults.append(f"{name} is {value!r}: use {allowed[0]} to {allowed[-1]}")
    return faults


def _freshness(definition: Definition) -> list[str]:
    value = definition.function.freshness_seconds
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= DAY_SECONDS:
        return [f"freshness_seconds is {value!r}: use 0, which asks in every request, to {DAY_SECONDS}"]
    return []


def _snap_start(definition: Definition) -> list[str]:
    function = definition.function
    if not isinstance(function.snap_start, bool):
        return [f"snap_start is {function.snap_start!r}: use true or false"]
    if function.snap_start and function.storage_mb != SNAP_START_STORAGE_MB:
        return [
            f"snap_start with storage_mb {function.storage_mb!r}: SnapStart takes functions with "
            f"{SNAP_START_STORAGE_MB} MB of storage only, so leave out one of the two"
        ]
    return []


def _is_within(value: object, allowed: range) -> bool:
    return type(value) is int and value in allowed
