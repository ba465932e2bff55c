"""Processes to kill and to stop, and the rules that a registry keeps afterwards."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable

from functions.core import training_data
from functions.core.registry import Registry


def start(work: Callable[[], None]) -> int:
    """A child process, forked so that the libraries of training are loaded already."""
    with warnings.catch_warnings():
        # newer Pythons warn of threads in the parent; the child uses none of their locks
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    finally:
        os._exit(code)


def assert_whole(registry: Registry, model: str) -> None:
    """Every version has its files as the manifest says, and its rows; production and its history agree."""
    for version in registry.versions(model):
        manifest = registry.manifest(model, version)
        for name in manifest.artifacts:
            registry.artifact(manifest, name)
        if manifest.data is not None:
            training_data.load(registry.storage, manifest.data.digest)
    production = registry.pointer(model).production
    assert production is not None
    assert production.version in registry.versions(model)
    history = registry.history(model)
    assert [one.serial for one in history] == list(range(1, production.serial + 1))
    assert history[-1] == production
