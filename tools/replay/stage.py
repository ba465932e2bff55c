"""The stage of a play: a laptop's server over a home, and the functions on Lambda over an S3 double."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.checkout import Checkout
from tools.object_store import object_store
from tools.replay import http
from tools.replay.answers import Answer
from tools.replay.events import http_event
from tools.replay.functions import Functions, functions
from tools.replay.requests import FOLDER, LAPTOP, STORE, Request, filled
from tools.replay.store import Store
from tools.serving import serving

ROOT_MODEL = "churn"
"""The model that is served at the root as well."""
REPEATABLE = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1"}
"""Fixed because the order of a set changes bytes of a version, and the number of threads the order of sums."""


@dataclass(frozen=True, slots=True)
class Stage:
    """All receivers of requests."""

    laptop_url: str
    home: Path
    store: Store
    store_url: str
    functions: Functions

    def ask(self, request: Request, kept: Mapping[str, Any]) -> Answer:
        """The answer to one request, in which references to `kept` are filled in."""
        target = filled(request.target, kept)
        headers = {name: filled(value, kept) for name, value in request.headers.items()}
        body = request.body.to_bytes(kept)
        if request.door == LAPTOP:
            return http.send(self.laptop_url, request.method, target, headers, body)
        if request.door == STORE:
            bucket, _, key = target.partition("/")
            return Answer(self.store.write(bucket, key, body))
        if request.door == FOLDER:
            return self._drop(target, body)
        event = http_event(request.method, target, headers, body)
        if request.event is not None:
            event = json.loads(filled(json.dumps(request.event), kept))
        return self.functions.ask(request.door, event)

    def _drop(self, key: str, body: bytes) -> Answer:
        path = self.home / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        return Answer(None)

    def places(self, checkout: Checkout) -> dict[str, str]:
        """Texts in the answers that depend on the machine and the ports of this play."""
        return {
            "server": self.laptop_url,
            "home": str(self.home),
            "checkout": str(checkout.root),
            "store": self.store_url,
            "callback": self.functions.response_url,
        }


@contextmanager
def stage(checkout: Checkout, home: Path, build: Path) -> Iterator[Stage]:
    """A stage over `home`, with empty buckets, until the block ends; logs are written next to the home."""
    with (
        serving(checkout.root, home, "--model", ROOT_MODEL, checkout=checkout, environment=REPEATABLE) as server,
        object_store() as variables,
        functions(checkout, {**variables, **REPEATABLE}, build, home.parent / "logs") as deployed,
    ):
        url = variables["AWS_ENDPOINT_URL"]
        store = Store(url)
        try:
            store.make_buckets()
            yield Stage(server.url, home, store, url, deployed)
        finally:
            store.close()
