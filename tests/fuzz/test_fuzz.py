"""Requests by the thousand to a server as users start it: no error of the server, nothing but JSON, nobody held up.

DESPLIEGUE_FUZZ_REQUESTS=100000 python -m pytest tests/fuzz -s    is the full trial: it prints the counts, the memory of
the processes after each tenth, and the seed, which is another one in every run unless DESPLIEGUE_FUZZ_SEED is set.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from random import Random

import pytest

from functions.core.definition import LONGEST_TIMEOUT_SECONDS, Definition
from functions.core.model_folder import load_definitions
from functions.core.patience import GATEWAY_PATIENCE_SECONDS
from functions.core.routes import ROUTES, route_of
from functions.local.home import Home
from tests.copied_models import copied
from tests.fuzz.asked import Asked
from tests.fuzz.corpus import large_requests, requests_of_the_document, sound_requests
from tests.fuzz.mutations import mutated
from tests.fuzz.trial import Trial, probing, resident_mb, send_all
from tools.serving import Server, serving

REQUESTS = int(os.environ.get("DESPLIEGUE_FUZZ_REQUESTS", "2000"))
SEED = int(os.environ.get("DESPLIEGUE_FUZZ_SEED", random.SystemRandom().randrange(2**32)))
SHARE_OF_THE_DOCUMENT = 0.01
"""The share of the requests that schemathesis makes; most others are damaged ones of these, and of sound ones."""
TENTHS = 10
MODELS = ("becas", "car-price", "churn", "project-tags")
ROUNDS_OF_LARGE = 1 + REQUESTS // 5000
"""The largest bodies come first, in the first tenth: memory rises with the number of them that are read at once, and
what an allocator keeps of that is no leak. Everything else comes after them."""
GROWTH = 1.1
GROWTH_MB = 60.0
BATCHES_MB = 300.0
"""The processes of two batches at a time, each with a version in memory, which come and go."""
"""Allowed after the first tenth, as a share and in MiB; in a sample, the trainer may begin later to train."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(MODELS, tmp_path_factory.mktemp("fuzz"))


@pytest.fixture(scope="module")
def served(folder: Path) -> Mapping[str, Definition]:
    return load_definitions(folder / "models")


@pytest.fixture(scope="module")
def server(folder: Path, home_of_samples: Home) -> Iterator[Server]:
    shutil.copytree(home_of_samples.root, folder / "home")
    with serving(folder, folder / "home") as found:
        yield found


def damaged(corpus: list[Asked], chance: Random) -> Iterator[Asked]:
    while True:
        yield mutated(chance.choice(corpus), chance)


def test_no_request_is_an_error_of_the_server_or_holds_up_others(
    server: Server, served: Mapping[str, Definition]
) -> None:
    print(f"\n{REQUESTS} requests, seed {SEED}")
    corpus = sound_requests(served)
    asked_for = {route_of(one.method, one.path) for one in corpus}
    assert set(ROUTES) <= asked_for
    corpus += requests_of_the_document(server.url, seed=SEED, count=int(REQUESTS * SHARE_OF_THE_DOCUMENT))
    large = large_requests(served) * ROUNDS_OF_LARGE
    requests = chain(large, corpus, damaged(corpus, Random(SEED)))
    trial, memory_mb = Trial(), list[float]()
    body = json.dumps(served["churn"].examples[0]).encode()
    with probing(server.url, body) as waited:
        for _ in range(TENTHS):
            send_all(server.url, list(islice(requests, REQUESTS // TENTHS)), trial)
            own, others = resident_mb(server.process.pid)
            memory_mb.append(own + others)
            print(f"{trial.statuses.total()} answers, server {own:.0f} MiB, trainer {others:.0f} MiB", flush=True)
    print(f"statuses {dict(sorted(trial.statuses.items()))}, {trial.hung_up} connections ended without an answer")
    print(f"the slowest took {trial.slowest[0]:.1f} s: {trial.slowest[1]}")
    print(f"a client that asked for little {waited.times} times waited {waited.longest_seconds:.1f} s at most")
    reproduce = f"DESPLIEGUE_FUZZ_REQUESTS={REQUESTS} DESPLIEGUE_FUZZ_SEED={SEED}"
    assert not trial.failures, "\n\n".join([reproduce, *trial.failures])
    assert not waited.failures, "\n\n".join([reproduce, *waited.failures])
    assert waited.longest_seconds <= GATEWAY_PATIENCE_SECONDS
    assert trial.slowest[0] <= LONGEST_TIMEOUT_SECONDS, trial.slowest
    assert {200, 201, 404, 405, 413, 415, 421, 422} <= trial.statuses.keys()
    assert max(memory_mb[1:]) <= max(memory_mb[0] * GROWTH, memory_mb[0] + GROWTH_MB) + BATCHES_MB, memory_mb
    log = server.log.read_text()
    assert "Traceback" not in log
    assert "unexpected error" not in log
