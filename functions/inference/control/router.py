"""Routers of the control function."""

from __future__ import annotations

from fastapi import APIRouter

from functions.inference.control.batches import batch_router
from functions.inference.control.catalogue import catalogue_router
from functions.inference.control.context import Control
from functions.inference.control.documentation import documentation_router
from functions.inference.control.lookups import lookup_router
from functions.inference.control.playground.routes import playground_router
from functions.inference.control.production import production_router
from functions.inference.control.training import training_router
from functions.inference.control.versions import version_router


def control_routers(control: Control) -> list[APIRouter]:
    makers = (
        catalogue_router,
        training_router,
        batch_router,
        lookup_router,
        version_router,
        production_router,
        documentation_router,
        playground_router,
    )
    return [make(control) for make in makers]
