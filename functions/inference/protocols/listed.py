"""Routes and documentation of every protocol of core/tasks.py.

A protocol is a package of its name with `routes.routes` and `document.operations`. Each is imported only when it is
used, so that the predict function loads no document and the control function no model.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, get_args

from starlette.routing import Route

from functions.core.definition import Definition
from functions.core.manifest import Manifest
from functions.core.tasks import Protocol

if TYPE_CHECKING:
    # for the type alone: control imports this module, and must not load what loads models
    from functions.serving.models import ServedModels


def protocol_routes(models: ServedModels) -> list[Route]:
    """Routes to predict with the models that a process serves, in the protocols that any of them has."""
    spoken = {protocol for one in models.definitions.values() for protocol in one.traits.protocols}
    found: list[Route] = []
    for protocol in get_args(Protocol):
        if protocol in spoken:
            found += _part(protocol, "routes").routes(models)
    return found


def protocol_operations(definition: Definition, manifest: Manifest | None) -> dict[str, dict[str, Any]]:
    """OpenAPI operations to predict with one model, by path; `manifest` belongs to its version in production."""
    operations: dict[str, dict[str, Any]] = {}
    for protocol in get_args(Protocol):
        if protocol in definition.traits.protocols:
            operations |= _part(protocol, "document").operations(definition, manifest)
    return operations


def _part(protocol: Protocol, name: str) -> Any:
    return import_module(f"functions.inference.protocols.{protocol.replace('-', '_')}.{name}")
