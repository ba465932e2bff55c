"""The application of `despliegue serve` in this process, for tests that make a model by commands and then ask it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
    thread = threading.Thread(target=watch, args=(home, definitions, worker), kwargs={"until": stop})
    thread.start()
    try:
        yield connect(local_application(home, definitions, base_url="http://localhost"))
    finally:
        stop.set()
        thread.join()


def retrained(client: httpx.Client, model: str, rows: list[dict[str, Any]], *, force: bool = False) -> Any:
    """What a training with these rows came to. A busy machine may not end it before it is answered with its job."""
    answer = client.post(f"/models/{model}/retrain", params={"force": force}, json=rows)
    assert answer.status_code in (200, 202), answer.text
    found = answer.json()["data"]
    while found.get("state") in ("queued", "running"):
        time.sleep(0.1)
        found = client.get(f"/models/{model}/jobs/{found['job']}").json()["data"]
    assert found["version"] is not None, found
    return found
