"""Packages that a model needs for training beyond those of the project: named in model.toml, never for serving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from typing import Any

from functions.core.definition import Definition
from functions.core.errors import DefinitionError
from model_export.pipelines.convert import library_of
from model_export.pipelines.convert.inspection import walk
from model_export.pipelines.convert.libraries import Library

PACKAGES: Mapping[Library, str] = {"xgboost": "xgboost-cpu", "lightgbm": "lightgbm", "catboost": "catboost"}
"""The package of each library; what else it needs, training has anyway."""
SAME: Mapping[str, str] = {"xgboost-cpu": "xgboost"}
"""Packages with the same modules under another name: xgboost is made for GPUs too, and is ten times as large."""


def requirements_of(pipeline: Any) -> tuple[str, ...]:
    """The packages of a pipeline's libraries, pinned to what is installed, as "lightgbm==4.7.0"."""
    libraries = dict.fromkeys(library for _, step in walk(pipeline) if (library := library_of(step)) is not None)
    return tuple(f"{name}=={version}" for name in map(PACKAGES.__getitem__, libraries) if (version := _installed(name)))


def refuse_lacking(definition: Definition) -> None:
    """Raises DefinitionError for packages of the definition that are not installed in its version."""
    lacking = [one for one in definition.pipeline.requires if _installed(one.partition("==")[0]) != _version(one)]
    if lacking:
        names = [one.partition("==")[0] for one in lacking]
        found = [f"{name} is {_installed(name) or 'not installed'}" for name in names]
        raise DefinitionError(
            f"{definition.name} needs {', '.join(lacking)} for training, and here {', '.join(found)}: "
            f"{pip_install(lacking)}"
        )


def pip_install(requirements: Sequence[str]) -> str:
    """The command that installs them."""
    return f"python -m pip install {' '.join(requirements)}"


def _version(requirement: str) -> str:
    return requirement.partition("==")[2]


def _installed(name: str) -> str:
    """The version of the package, or of the one with the same modules; empty if neither is installed."""
    for one in (name, SAME.get(name)):
        try:
            return installed(one) if one else ""
        except PackageNotFoundError:
            continue
    return ""
