"""A registry changed by hand: what served goes on serving, lists stay usable, and the next promotion mends it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from starlette.types import ASGIApp

from functions.core.clock import now
from functions.core.definition import Definition
from functions.core.jobs import Jobs
from functions.core.local_storage import LocalStorage
from functions.core.manifest import MANIFEST_FORMAT_VERSION, Manifest
from functions.core.registry import Registry
from functions.core.storage import Storage
from functions.core.submission import Submissions, TrainingRequest
from functions.core.uploads import Arrival
from functions.inference.application import create_application
from functions.inference.control.context import Control
from functions.inference.control.fastapi_app import fastapi_app
from functions.inference.control.router import control_routers
from functions.inference.protocols.despliegue import routes as despliegue
from functions.local.home import Home
from functions.local.upload_links import LocalUploadLinks
from functions.serving.models import ServedModels
from functions.trainer.worker import Worker
from tests.batching import local_batching
from tools.serving import serving

Row = dict[str, Any]
CHURN = "/models/churn"
VERSIONS = "models/churn/versions"
PRODUCTION = "models/churn/production.json"
LISTS = ("/models", f"{CHURN}/versions", f"{CHURN}/jobs", f"{CHURN}/history", "/", "/openapi.json")
DETAILS = (CHURN, f"{CHURN}/versions/1", f"{CHURN}/versions/2", f"{CHURN}/performance", f"{CHURN}/args")


@dataclass(frozen=True, slots=True)
class Damage:
    """A damage, the words that a message must have, and whether a new process can still serve."""

    do: Callable[[Storage], None]
    named: str
    serves_again: bool = False


def write(key: str, body: bytes) -> Callable[[Storage], None]:
    return lambda storage: (storage.write(key, body), None)[1]


def change(key: str, edit: Callable[[bytes], bytes]) -> Callable[[Storage], None]:
    return lambda storage: (storage.write(key, edit(storage.read(key).body)), None)[1]


def remove(key: str) -> Callable[[Storage], None]:
    return lambda storage: storage.delete(key)


def with_fields(**fields: Any) -> Callable[[bytes], bytes]:
    return lambda body: orjson.dumps(orjson.loads(body) | fields)


def flipped(body: bytes) -> bytes:
    middle = len(body) // 2
    return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]


GRAPH, MANIFEST = f"{VERSIONS}/2/model.onnx", f"{VERSIONS}/2/manifest.json"
JOB = f"models/churn/jobs/{'0' * 32}.json"
DAMAGES: Mapping[str, Damage] = {
    "a truncated graph": Damage(change(GRAPH, lambda body: body[:-10]), GRAPH),
    "a graph with one byte flipped": Damage(change(GRAPH, flipped), GRAPH),
    "no graph": Damage(remove(GRAPH), GRAPH),
    "no manifest": Damage(remove(MANIFEST), "no version 2"),
    "a manifest that is no JSON": Damage(write(MANIFEST, b"<html>"), MANIFEST),
    "an empty manifest": Damage(write(MANIFEST, b""), MANIFEST),
    "a manifest of a newer format": Damage(
        change(MANIFEST, with_fields(format_version=MANIFEST_FORMAT_VERSION + 1)), "install a newer one"
    ),
    "a manifest with wrong values": Damage(change(MANIFEST, with_fields(example=[1], labels=7)), MANIFEST),
    "a manifest with another example": Damage(change(MANIFEST, with_fields(example={"a": 1})), "churn version 2"),
    "an empty production.json": Damage(write(PRODUCTION, b""), PRODUCTION),
    "a production.json that is no JSON": Damage(write(PRODUCTION, b"version 2"), PRODUCTION),
    "a production.json of wrong types": Damage(change(PRODUCTION, with_fields(version="two")), PRODUCTION),
    "a version that is not there in production": Damage(change(PRODUCTION, with_fields(version=9)), "no version 9"),
    "a damaged promotion": Damage(write("models/churn/history/1.json", b"{"), "history/1.json", serves_again=True),
    "a damaged newest promotion": Damage(
        write("models/churn/history/2.json", b"[]"), "history/2.json", serves_again=True
    ),
    "a damaged job": Damage(write(JOB, b'{"job": '), JOB, serves_again=True),
    "stray files and folders": Damage(
        lambda storage: (
            [
                storage.write(f"{VERSIONS}/{name}", b"stray")
                for name in ("abc", "007/manifest.json", ".DS_Store", "-1/x")
            ]
            and None
        ),
        "",
        serves_again=True,
    ),
}


def replaced_by_folder(key: str) -> Callable[[Storage], None]:
    def do(storage: Storage) -> None:
        path = Path(str(storage), key)
        path.unlink()
        path.mkdir()

    return do


def looped(*keys: str) -> Callable[[Storage], None]:
    def do(storage: Storage) -> None:
        for key in keys:
            path = Path(str(storage), key)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.symlink_to(path)

    return do


FOLDER_DAMAGES: Mapping[str, Damage] = {
    "a file as a version": Damage(write(f"{VERSIONS}/3", b"a file"), "", serves_again=True),
    "a folder as a manifest": Damage(replaced_by_folder(MANIFEST), "no version 2"),
    "a folder as a graph": Damage(replaced_by_folder(GRAPH), GRAPH),
    "a folder as a promotion": Damage(
        replaced_by_folder("models/churn/history/1.json"), "history/1.json", serves_again=True
    ),
    "links to themselves in the folder": Damage(
        looped(f"{VERSIONS}/5", "models/churn/history/7.json", JOB), "promotion 7 of churn", serves_again=True
    ),
    "a production.json that is a link to itself": Damage(looped(PRODUCTION), PRODUCTION),
    "a graph that is a link to itself": Damage(looped(GRAPH), GRAPH),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Version 2 of churn, after version 1, in production of a registry, and its application."""

    definitions: Mapping[str, Definition]
    storage: Storage
    uploads: LocalStorage
    connect: Callable[[ASGIApp], httpx.Client]

    @property
    def registry(self) -> Registry:
        return Registry(self.storage)

    def start(self) -> httpx.Client:
        """A new process, with nothing in memory."""
        links = LocalUploadLinks(self.uploads)
        control = Control(
            self.definitions,
            self.registry,
            Submissions(self.registry, self.uploads),
            links,
            local_batching(self.registry, self.uploads),
        )
        return self.connect(
            create_application(
                fastapi_app(control_routers(control), despliegue.routes(ServedModels(self.definitions, self.registry)))
            )
        )

    def predict(self, client: httpx.Client) -> httpx.Response:
        return client.post(f"{CHURN}/predict", json=dict(self.definitions["churn"].examples[0]))

    def version(self, client: httpx.Client) -> int:
        answer = self.predict(client)
        assert answer.status_code == 200, answer.text
        version: int = answer.json()["data"]["version"]
        return version

    def retrain(self, client: httpx.Client, rows: list[Row]) -> dict[str, Any]:
        headers = {"Prefer": "respond-async"}
        accepted = client.post(f"{CHURN}/retrain", params={"force": True}, json=rows, headers=headers)
        assert accepted.status_code == 202, accepted.text
        job = Jobs(self.storage).read("churn", accepted.json()["data"]["job"])
        Worker(self.definitions, self.registry, self.uploads).handle(Arrival(job.upload, "", now()))
        data: dict[str, Any] = client.get(accepted.headers["location"]).json()["data"]
        return data


@pytest.fixture
def place(
    storage: Storage,
    publish: Callable[..., Manifest],
    definitions: Mapping[str, Definition],
    connect: Callable[[ASGIApp], httpx.Client],
    tmp_path: Path,
) -> Place:
    found = Place(definitions, storage, LocalStorage(tmp_path), connect)
    for leave in (0.25, 0.75):
        version = publish(found.registry, leave=leave).version
        found.registry.promote_now("churn", version, actor="test", pinned=False)
    return found


def assert_lists_are_usable(client: httpx.Client) -> None:
    for path in LISTS:
        assert client.get(path).status_code == 200, path
    for path in DETAILS:
        answer = client.get(path)
        assert answer.status_code in (200, 404, 503), path
        assert answer.status_code == 200 or answer.json()["errors"][0]["msg"]


def assert_it_is_borne_and_mended(
    place: Place, damage: Damage, rows: list[Row], caplog: pytest.LogCaptureFixture
) -> None:
    running = place.start()
    assert place.version(running) == 2
    damage.do(place.storage)
    assert place.version(running) == 2
    started = place.start()
    if damage.serves_again:
        assert place.version(started) == 2
    else:
        refused = place.predict(started)
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
    assert_lists_are_usable(running)
    assert damage.named in caplog.text
    assert running.put(f"{CHURN}/production", json={"version": 1}).status_code == 200
    assert [place.version(client) for client in (running, started, place.start())] == [1, 1, 1]
    job = place.retrain(running, rows)
    assert (job["state"], job["promoted"]) == ("succeeded", True), job["reason"]
    assert [place.version(client) for client in (running, place.start())] == [job["version"]] * 2
    history = place.registry.history("churn")
    assert [one.version for one in history[-2:]] == [1, job["version"]]
    assert_lists_are_usable(running)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_damage_is_borne_named_and_mended_by_the_next_promotion(
    place: Place, damage: Damage, labelled: Callable[[str], list[Row]], caplog: pytest.LogCaptureFixture
) -> None:
    assert_it_is_borne_and_mended(place, damage, labelled("churn")[:400], caplog)


@pytest.mark.skipif(os.name == "nt", reason="SKIPPED: Windows lets not everybody make links")
@pytest.mark.parametrize("storage", ["folder"], indirect=True)
@pytest.mark.parametrize("damage", FOLDER_DAMAGES.values(), ids=FOLDER_DAMAGES.keys())
def test_damage_that_only_folders_know_is_borne_as_well(
    place: Place, damage: Damage, labelled: Callable[[str], list[Row]], caplog: pytest.LogCaptureFixture
) -> None:
    assert_it_is_borne_and_mended(place, damage, labelled("churn")[:400], caplog)


@pytest.mark.parametrize("storage", ["folder"], indirect=True)
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_retrain_alone_mends_it_as_well(place: Place, damage: Damage, labelled: Callable[[str], list[Row]]) -> None:
    damage.do(place.storage)
    client = place.start()
    job = place.retrain(client, labelled("churn")[:400])
    assert (job["state"], job["promoted"]) == ("succeeded", True), job["reason"]
    assert place.version(client) == job["version"]


def test_a_damaged_job_is_named_and_the_same_request_replaces_it(
    place: Place, labelled: Callable[[str], list[Row]]
) -> None:
    client, rows = place.start(), labelled("churn")[:400]
    request = TrainingRequest(force=True)
    job = Submissions(place.registry, place.uploads).submit(place.definitions["churn"], orjson.dumps(rows), request)
    place.storage.write(f"models/churn/jobs/{job.job}.json", b"{")
    refused = client.get(f"{CHURN}/jobs/{job.job}")
    assert refused.status_code == 503
    assert f"models/churn/jobs/{job.job}.json cannot be read" in refused.json()["errors"][0]["msg"]
    assert client.get(f"{CHURN}/jobs").json()["data"]["total"] == 0
    again = Submissions(place.registry, place.uploads).submit(place.definitions["churn"], orjson.dumps(rows), request)
    assert again.job == job.job
    finished = Worker(place.definitions, place.registry, place.uploads).handle(Arrival(job.upload, "", now()))
    assert finished is not None
    assert finished.state == "succeeded"


@pytest.mark.parametrize("storage", ["folder"], indirect=True)
@pytest.mark.parametrize(
    ("key", "method", "path"),
    [
        (PRODUCTION, "PUT", f"{CHURN}/production"),
        ("models/churn/history", "PUT", f"{CHURN}/production"),
        ("models/churn/jobs", "POST", f"{CHURN}/uploads"),
    ],
)
def test_things_in_the_way_of_a_write_are_named_and_nothing_is_lost(
    place: Place, key: str, method: str, path: str
) -> None:
    """A folder where production.json belongs, files where folders belong."""
    client = place.start()
    assert place.version(client) == 2
    at = Path(str(place.storage), key)
    before = at.with_name("before")
    if at.exists():
        at.rename(before)
    if before.is_file():
        at.mkdir()
    else:
        at.write_bytes(b"a file")
    refused = client.request(method, path, json={"version": 1} if method == "PUT" else {})
    assert refused.status_code == 503
    assert str(at) not in refused.text
    assert "move it away" in refused.json()["errors"][0]["msg"]
    assert place.version(client) == 2
    assert_lists_are_usable(client)
    shutil.rmtree(at) if at.is_dir() else at.unlink()
    if before.exists():
        before.rename(at)
    assert client.request(method, path, json={"version": 1} if method == "PUT" else {}).status_code in (200, 201)


def test_a_server_starts_over_a_damaged_production_json_and_serves_the_other_models(
    workspace: Path, home: Home, instances: Callable[[str], list[Row]]
) -> None:
    """Nothing is trained in its place: what is damaged may still be restored."""
    (home.root / "registry" / PRODUCTION).write_bytes(b"")
    with serving(workspace, home.root) as server, httpx.Client(base_url=server.url, timeout=60) as client:
        refused = client.post(f"{CHURN}/predict", json=instances("churn")[0])
        assert refused.status_code == 503
        assert f"{PRODUCTION} cannot be read" in refused.json()["errors"][0]["msg"]
        assert client.post("/models/car-price/predict", json=instances("car-price")[0]).status_code == 200
        assert client.put(f"{CHURN}/production", json={"version": 1}).status_code == 200
        assert client.post(f"{CHURN}/predict", json=instances("churn")[0]).status_code == 200
        assert f"{PRODUCTION} cannot be read" in server.log.read_text()
    assert home.registry.versions("churn") == [1]
