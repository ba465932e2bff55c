"""Contradictions between the model folders and what AWS can run, found at synth and not in production."""

from __future__ import annotations

from collections.abc import Mapping

from functions.core.definition import Definition
from functions.core.errors import DefinitionError
from infra.settings import MEMORY_MB

GATEWAY_SECONDS = 30
# A function that ends before the gateway gives up can still say why.
TIMEOUT_SECONDS = range(1, GATEWAY_SECONDS)


def check_definitions(definitions: Mapping[str, Definition]) -> None:
    """Raise DefinitionError, with all that is wrong in all folders, if a model cannot be deployed."""
    if not definitions:
        raise DefinitionError("no model to deploy: add a folder with a model.toml under models/")
    wrong = [fault for definition in definitions.values() for fault in _faults(definition)]
    if wrong:
        raise DefinitionError("; ".join(wrong))


def _faults(definition: Definition) -> list[str]:
    where = f"{definition.folder / 'model.toml'}: [function]"
    memory, timeout = definition.function.memory_mb, definition.function.timeout_seconds
    faults = []
    if not _is_within(timeout, TIMEOUT_SECONDS):
        faults.append(
            f"{where} timeout_seconds is {timeout!r}: use 1 to {TIMEOUT_SECONDS[-1]}, "
            f"because the gateway gives up after {GATEWAY_SECONDS}"
        )
    if memory is not None and not _is_within(memory, MEMORY_MB):
        faults.append(f"{where} memory_mb is {memory!r}: use {MEMORY_MB[0]} to {MEMORY_MB[-1]}")
    return faults


def _is_within(value: object, allowed: range) -> bool:
    return type(value) is int and value in allowed
