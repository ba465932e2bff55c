"""models/<name>/pipeline.py: loaded from its file, under a stable name, so that its classes can be pickled."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from functions.core.definition import Definition
from functions.core.errors import DefinitionError

PACKAGE = "despliegue_models"


def load_pipeline_module(folder: Path) -> ModuleType:
    """The module of `folder`/pipeline.py as despliegue_models.<name>.pipeline, a hyphen as underscore.

    Call it before joblib.load of a model whose pipeline.py defines its own transformers.
    Raises DefinitionError if the file is missing or cannot be imported.
    """
    path = folder / "pipeline.py"
    name = f"{PACKAGE}.{folder.name.replace('-', '_')}.pipeline"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise DefinitionError(f"{path} is missing: it must define build_pipeline")
    module = importlib.util.module_from_spec(spec)
    _ensure_packages(name)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise DefinitionError(f"{path} cannot be imported: {type(error).__name__}: {error}") from error
    return module


def build_pipeline(definition: Definition, args: Mapping[str, Any]) -> Any:
    """The unfitted pipeline of a model; raises DefinitionError where `args` do not suit its build_pipeline."""
    module = load_pipeline_module(definition.folder)
    build = getattr(module, "build_pipeline", None)
    if build is None:
        raise DefinitionError(f"{definition.folder / 'pipeline.py'} does not define build_pipeline")
    try:
        return build(**args)
    except TypeError as error:
        raise DefinitionError(f"build_pipeline of {definition.name} with {dict(args)}: {error}") from error


def _ensure_packages(name: str) -> None:
    parts = name.split(".")[:-1]
    for end in range(1, len(parts) + 1):
        package = ".".join(parts[:end])
        if package not in sys.modules:
            module = ModuleType(package)
            module.__path__ = []
            sys.modules[package] = module
