"""The application of `despliegue serve` in this process, for tests that make a model by commands and then ask it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from functions.core.model_folder import load_definitions
from functions.local.home import Home


@contextmanager
def served(home: Home, connect: Callable[..., httpx.Client]) -> Iterator[httpx.Client]:
    """The application of `despliegue serve` over ./models, with its trainer."""
    from functions.local.application import local_application
    from functions.local.trainer_process import watch
    from functions.trainer.worker import Worker

    definitions = load_definitions(Path("models"))
    home.create(list(definitions))
    stop = threading.Event()
    worker = Worker(definitions, home.registry, home.uploads)
    thread = threading.Thread(target=watch, args=(home, worker), kwargs={"until": stop})
    thread.start()
    try:
        yield connect(local_application(home, definitions, base_url="http://localhost"))
    finally:
        stop.set()
        thread.join()
