"""A peer's application for the command line of uvicorn or gunicorn; the environment names its module and its files."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any


def create() -> Any:
    """The application of benchmarks.peers.$PEER_MODULE over the files in $PEER_FOLDER."""
    module = importlib.import_module(f"benchmarks.peers.{os.environ['PEER_MODULE']}")
    return module.create(Path(os.environ["PEER_FOLDER"]))
