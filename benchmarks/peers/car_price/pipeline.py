"""The pipeline of models/car-price, whose own classes a joblib holds by the name of their module."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import joblib

SOURCE = Path(__file__).resolve().parents[3] / "models" / "car-price" / "pipeline.py"
PACKAGE = "despliegue_models"
MODULE = f"{PACKAGE}.car_price.pipeline"


def load_pipeline(folder: Path) -> Any:
    """The pipeline in an environment without Despliegue's own code, and in one that has imported it."""
    own_classes()
    return joblib.load(folder / "pipeline.joblib")


def own_classes() -> ModuleType:
    """models/car-price/pipeline.py as the module it was when it was trained."""
    if MODULE not in sys.modules:
        spec = importlib.util.spec_from_file_location(MODULE, SOURCE)
        assert spec is not None
        assert spec.loader is not None
        sys.modules.setdefault(PACKAGE, ModuleType(PACKAGE))
        sys.modules[MODULE] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[MODULE])
    return sys.modules[MODULE]
