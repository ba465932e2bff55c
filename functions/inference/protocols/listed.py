"""Every protocol of core/tasks.py: its routes to predict, and its part of the OpenAPI document.

A protocol is a package of its name with `router.router` and `document.operations`. Each is imported where it is
asked for, so that the function that predicts loads no document, and the function that documents no model.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, get_args

from fastapi import APIRouter

from functions.core.definition import Definition
from functions.core.manifest import Manifest
from functions.core.tasks import Protocol

if TYPE_CHECKING:
    from functions.serving.models import ServedModels


def protocol_routers(models: ServedModels) -> list[APIRouter]:
    """The routes to predict with the models that a process serves."""
    return [_part(protocol, "router").router(models) for protocol in get_args(Protocol)]


def protocol_operations(definition: Definition, manifest: Manifest | None) -> dict[str, dict[str, Any]]:
    """The operations to predict with one model, by path; `manifest` is the one of its version in production."""
    found: dict[str, dict[str, Any]] = {}
    for protocol in get_args(Protocol):
        if protocol in definition.traits.protocols:
            found |= _part(protocol, "document").operations(definition, manifest)
    return found


def _part(protocol: Protocol, name: str) -> Any:
    return import_module(f"functions.inference.protocols.{protocol.replace('-', '_')}.{name}")
