"""Loading of models/<name>/pipeline.py, under a stable name, so that its classes can be pickled."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import joblib
from sklearn.base import clone

from functions.core.definition import Definition
from functions.core.errors import DefinitionError
from functions.core.files import read_required
from model_export.pipelines.convert import library_of, with_named_classes
from model_export.pipelines.requirements import refuse_lacking

PACKAGE = "despliegue_models"


def load_pipeline_module(folder: Path) -> ModuleType:
    """The module of `folder`/pipeline.py as despliegue_models.<name>.pipeline, a hyphen as underscore.

    Call it before joblib.load of a model whose pipeline.py defines its own transformers.
    Raises DefinitionError if the file is missing or cannot be imported.
    """
    path = folder / "pipeline.py"
    if not path.is_file():
        raise DefinitionError(f"{path} is missing: it must define build_pipeline")
    return load_module(path)


def load_own_code(definition: Definition) -> None:
    """Import the Python files of the folder whose classes a joblib of the model may hold; raises DefinitionError."""
    for name in definition.pipeline.code:
        load_module(definition.folder / name)
    if (definition.folder / "pipeline.py").is_file() and "pipeline.py" not in definition.pipeline.code:
        load_pipeline_module(definition.folder)


def load_module(path: Path) -> ModuleType:
    """The module of `path`, a file of a model's folder, as despliegue_models.<model>.<file>.

    Raises DefinitionError if the file is missing or cannot be imported.
    """
    name = f"{PACKAGE}.{path.parent.name.replace('-', '_')}.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise DefinitionError(f"{path} is missing")
    module = importlib.util.module_from_spec(spec)
    _ensure_packages(name)
    # Before its code runs, as pickle and dataclasses look the module up by its name.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise DefinitionError(f"{_place(path, error)} cannot be imported: {type(error).__name__}: {error}") from error
    return module


def build_pipeline(definition: Definition, args: Mapping[str, Any]) -> Any:
    """The unfitted pipeline of a model: the joblib that its [pipeline] names, or the result of its build_pipeline.

    Raises DefinitionError if `args` do not suit it, for packages of the model that are not installed, and for any other
    error in the user's code.
    """
    refuse_lacking(definition)
    if definition.pipeline.joblib:
        return saved_pipeline(definition, args)
    module = load_pipeline_module(definition.folder)
    build = getattr(module, "build_pipeline", None)
    path = definition.folder / "pipeline.py"
    if build is None:
        raise DefinitionError(f"{path} does not define build_pipeline")
    try:
        return with_named_classes(build(**args))
    except Exception as error:
        cause = f"{type(error).__name__}: {error}"
        raise DefinitionError(f"{_place(path, error)}: build_pipeline with {dict(args)}: {cause}") from error


def saved_pipeline(definition: Definition, args: Mapping[str, Any]) -> Any:
    """The pipeline in the folder's joblib, with `args` as set_params takes them: {"model__C": 0.5}.

    Raises DefinitionError for a file that is missing, does not have the digest in model.toml, or does not load.
    """
    path = definition.folder / definition.pipeline.joblib
    body = read_required(path, DefinitionError)
    # A joblib can run code when it is loaded, so only the file that its owner brought is.
    if hashlib.sha256(body).hexdigest() != definition.pipeline.sha256:
        raise DefinitionError(
            f"{path} is not the file whose sha256 is in [pipeline] of model.toml, so it is not loaded: bring that "
            "file back, or write the sha256 of the new one there"
        )
    load_own_code(definition)
    try:
        return with_named_classes(_copied(joblib.load(io.BytesIO(body))).set_params(**args))
    except Exception as error:  # the file's own code may raise anything
        raise DefinitionError(f"{path} gives no pipeline with {dict(args)}: {type(error).__name__}: {error}") from error


def _copied(pipeline: Any) -> Any:
    # The file holds it unfitted; scikit-learn refuses to clone CatBoost with a list among its arguments.
    return pipeline if library_of(pipeline) == "catboost" else clone(pipeline)


def _place(path: Path, error: Exception) -> str:
    """The last line of the user's file in the traceback, as path:line; the path alone if there is none."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f"{path}:{frames[-1].lineno}" if frames else str(path)


def _ensure_packages(name: str) -> None:
    parts = name.split(".")[:-1]
    for end in range(1, len(parts) + 1):
        package = ".".join(parts[:end])
        if package not in sys.modules:
            module = ModuleType(package)
            module.__path__ = []
            sys.modules[package] = module
