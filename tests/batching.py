"""Batches of a registry on this machine, for applications that tests make of the control routes."""

from __future__ import annotations

from functions.core.local_storage import LocalStorage
from functions.core.registry import Registry
from functions.inference.control.context import Batching
from functions.local.download_links import LocalDownloadLinks


def local_batching(registry: Registry, files: LocalStorage) -> Batching:
    return Batching(registry.storage, files, None, LocalDownloadLinks(files))
