"""All routes of the control function."""

from __future__ import annotations

from fastapi import APIRouter

from functions.inference.catalogue_routes import catalogue_router
from functions.inference.control import Control
from functions.inference.documentation import documentation_router
from functions.inference.training_routes import training_router
from functions.inference.version_routes import version_router


def control_routers(control: Control) -> list[APIRouter]:
    makers = (catalogue_router, training_router, version_router, documentation_router)
    return [make(control) for make in makers]
