"""The example models, trained once, and the laptop's application over copies of their registry.

Libraries of training and serving are imported where they are needed: most tests need none of them.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from filelock import FileLock
from hypothesis import settings
from starlette.types import ASGIApp

from functions.core.definition import Definition
from functions.core.model_folder import load_definition, load_definitions
from functions.core.version_folder import BAKED
from functions.local.home import Home
from tests.copied_models import copied
from tests.lambda_context import event_loop_of_lambda

# Small fits gain nothing from threads, which spin while they wait for each other: on a busy machine a training of
# car-price took ten times as long. A training asks joblib for their number, whatever OpenMP was told.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")
# nothing in the tests is timed: the machine may be busy
settings.register_profile("untimed", deadline=None)
# for --hypothesis-profile: `make quick` and full trials; tests.generated.examples scales with max_examples
settings.register_profile("quick", deadline=None, max_examples=15)
settings.register_profile("full", deadline=None, max_examples=200)
settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parents[1]
REAL_DATA = ROOT.parent / "shared" / "data"
TABULAR = ("car-price", "churn")
TEXTS = "project-tags"
SAMPLE_TIME = "2026-01-01T00:00:00.000000Z"
BASE_URL = "http://localhost"

Row = dict[str, Any]
Connect = Callable[[ASGIApp], httpx.Client]
Training = Callable[..., AbstractContextManager[None]]
FilledOnce = Callable[[str, Callable[[Path], object]], Path]


class _AsyncStream(httpx.AsyncByteStream):
    def __init__(self, parts: httpx.SyncByteStream) -> None:
        self._parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            yield part


class _Bridge(httpx.BaseTransport):
    """An ASGI application for a synchronous client; errors that no handler answers are raised."""

    def __init__(self, application: ASGIApp) -> None:
        self._runner = asyncio.Runner()
        self._asgi = httpx.ASGITransport(application)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._runner.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if not isinstance(request.stream, httpx.AsyncByteStream):
            request.stream = _AsyncStream(request.stream)
        found = await self._asgi.handle_async_request(request)
        # as it is on the wire: the client decodes it
        content = b"".join([part async for part in found.aiter_raw()])
        return httpx.Response(found.status_code, headers=found.headers, stream=httpx.ByteStream(content))

    def close(self) -> None:
        self._runner.close()


@pytest.fixture(scope="module", autouse=True)
def nothing_left_open() -> Iterator[None]:
    """Collect a module's garbage with the module: what it left open fails its last test, and none of another one."""
    yield
    gc.collect()
    gc.freeze()  # what still lives is not looked at again, which would take longer with every module


@pytest.fixture
def event_loop_of_the_process() -> Iterator[None]:
    with event_loop_of_lambda():
        yield


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's root folder."""
    return ROOT


@pytest.fixture(scope="session")
def real_data() -> Path:
    if not REAL_DATA.is_dir():
        pytest.skip(f"the public tables are not here: {REAL_DATA}")
    return REAL_DATA


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory whose models/ holds copies of the tabular examples, and no other."""
    return copied(TABULAR, tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="session")
def definitions(workspace: Path) -> Mapping[str, Definition]:
    return load_definitions(workspace / "models")


@pytest.fixture(scope="session")
def labelled(definitions: Mapping[str, Definition]) -> Callable[[str], list[Row]]:
    """The rows of a model's sample, as retraining takes them; missing values are null."""
    from model_export.training_files.rows import read_rows

    def rows(model: str) -> list[Row]:
        definition = definitions[model]
        table = read_rows((definition.folder / "sample.csv").read_bytes(), "sample.csv", definition).table
        return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]

    return rows


@pytest.fixture(scope="session")
def instances(
    definitions: Mapping[str, Definition], labelled: Callable[[str], list[Row]]
) -> Callable[[str], list[Row]]:
    """The same rows without their label, as predict takes them."""

    def rows(model: str) -> list[Row]:
        target = definitions[model].schema.target.name
        return [{name: value for name, value in row.items() if name != target} for row in labelled(model)]

    return rows


@pytest.fixture(scope="session")
def filled_once(tmp_path_factory: pytest.TempPathFactory) -> FilledOnce:
    """filled_once(name, fill): a folder that one process of this run fills, for all of them. Read only."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own

    def folder(name: str, fill: Callable[[Path], object]) -> Path:
        found, partial = shared / name, shared / f"{name}.partial"
        with FileLock(shared / f"{name}.lock"):
            if not found.exists():
                shutil.rmtree(partial, ignore_errors=True)  # of a process that failed
                partial.mkdir()
                fill(partial)
                partial.rename(found)
        return found

    return folder


@pytest.fixture(scope="session")
def trained_home(definitions: Mapping[str, Definition], filled_once: FilledOnce) -> Home:
    """The tabular examples in production, each as version 1. Read only: tests that write take `home`."""
    return Home(filled_once("trained", lambda folder: _train(folder, *definitions.values())))


@pytest.fixture(scope="session")
def texts_definition(root: Path) -> Definition:
    return load_definition(root / "models" / TEXTS)


@pytest.fixture(scope="session")
def home_of_texts(texts_definition: Definition, filled_once: FilledOnce) -> Home:
    """The example of texts in production as version 1. Read only."""
    return Home(filled_once("texts", lambda folder: _train(folder, texts_definition)))


@pytest.fixture(scope="session")
def home_of_samples(trained_home: Home, home_of_texts: Home, root: Path, filled_once: FilledOnce) -> Home:
    """All sample models in production, each as version 1: a server over a copy has none to make. Read only."""
    from functions.serving.promotion import import_and_promote

    def fill(folder: Path) -> None:
        for one in (trained_home, home_of_texts):
            shutil.copytree(one.root, folder, dirs_exist_ok=True)
        import_and_promote(Home(folder).registry, "becas", root / "models" / "becas" / BAKED)

    return Home(filled_once("samples", fill))


def _train(folder: Path, *definitions: Definition) -> None:
    """Fill a home with models that learnt their samples."""
    from model_export.training import TrainingRun, train
    from model_export.training_files.rows import read_rows

    home = Home(folder)
    home.create([one.name for one in definitions])
    for definition in definitions:
        sample = definition.folder / "sample.csv"
        table = read_rows(sample.read_bytes(), sample.name, definition).table
        assert train(home.registry, TrainingRun(definition=definition, table=table, data_time=SAMPLE_TIME)).promoted


@pytest.fixture
def home(trained_home: Home, tmp_path: Path) -> Home:
    """A copy of the trained home that belongs to the test."""
    shutil.copytree(trained_home.root, tmp_path / "home")
    return Home(tmp_path / "home")


@pytest.fixture(scope="session")
def connect() -> Iterator[Connect]:
    """Makes a client of an application in this process."""
    opened: list[httpx.Client] = []

    def make(application: ASGIApp) -> httpx.Client:
        opened.append(httpx.Client(transport=_Bridge(application), base_url=BASE_URL))
        return opened[-1]

    yield make
    for client in opened:
        client.close()


@pytest.fixture(scope="session")
def reading(trained_home: Home, definitions: Mapping[str, Definition], connect: Connect) -> httpx.Client:
    """The laptop's application over the trained home, without a trainer; nothing may be written through it."""
    from functions.local.application import local_application

    return connect(local_application(trained_home, definitions, base_url=BASE_URL))


@pytest.fixture(scope="session")
def training(definitions: Mapping[str, Definition]) -> Training:
    """The trainer of a laptop over a home, in a thread, while a block runs; `options` go to its Worker."""
    from functions.local.trainer_process import watch
    from functions.trainer.worker import Worker

    @contextmanager
    def run(home: Home, **options: Any) -> Iterator[None]:
        stop = threading.Event()
        worker = Worker(definitions, home.registry, home.uploads, **options)
        thread = threading.Thread(target=watch, args=(home, definitions, worker), kwargs={"until": stop})
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    return run


@pytest.fixture
def client(
    home: Home, definitions: Mapping[str, Definition], connect: Connect, training: Training
) -> Iterator[httpx.Client]:
    """The laptop's application with its trainer, over a home of the test's own."""
    from functions.local.application import local_application

    with training(home):
        yield connect(local_application(home, definitions, base_url=BASE_URL))
