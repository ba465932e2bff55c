"""The home, buckets and build from which a recording starts, written by the recorded commit itself.

Every kind of record is among them: versions promoted, refused by the gate and held back by a pin, and jobs in every
state that a commit can leave behind.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.checkout import Checkout
from tools.object_store import variables_for
from tools.replay.answers import Answer
from tools.replay.forms import posted
from tools.replay.jobs import FINISHED, finished, form, retrain
from tools.replay.playing import play
from tools.replay.requests import CONTROL, FOLDER, JSON_BODY, Body, Request, json_body
from tools.replay.samples import Model, Row
from tools.replay.stage import REPEATABLE, Stage, stage
from tools.replay.store import REGISTRY, TOKENS, UPLOADS

SCOPES: Mapping[str, tuple[str, ...]] = {
    "reader": ("predict",),
    "teacher": ("train",),
    "keeper": ("admin",),
    "everybody": ("predict", "train", "batch", "admin"),
}
EXPIRED = "dsp_replay-expired"
QUEUED = "queued"
WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Prepared:
    """Values to which later requests refer, and the document of the secret with the tokens."""

    kept: dict[str, Any]
    secret: str


def prepare(checkout: Checkout, models: Mapping[str, Model], folder: Path, scratch: Path) -> Prepared:
    """Fill `folder` with home/, buckets/ and build/. Raises RuntimeError where a command fails."""
    home = scratch / "prepared" / "home"
    home.parent.mkdir(parents=True)
    with stage(checkout, home, folder / "build") as at:
        _play(_on_a_laptop(models), at)
        _command(checkout, {}, "build", "--from", str(home / "registry"), "--out", str(folder / "build"))
        secret, tokens = _tokens(checkout, at)
        _copy_registry(at)
        waiting = _play(_in_the_cloud(models), at)[-1].document["data"]
        at.store.save(folder / "buckets")
        queued = next(key for key in at.store.keys(UPLOADS) if "/car-price/" in key)
    shutil.copytree(home, folder / "home", ignore=shutil.ignore_patterns(".*"))
    return Prepared({"tokens": tokens, QUEUED: {"key": queued}, WAITING: waiting}, secret)


def _play(requests: Iterable[Request], at: Stage) -> list[Answer]:
    """The answers. Raises RuntimeError for a refusal: a record would be missing from the registry."""
    answers: list[Answer] = []
    asked = list(requests)
    for request, answer in zip(asked, play(asked, at.ask, {}), strict=True):
        if answer.status is not None and answer.status >= 400:
            raise RuntimeError(f"{request.name}: {answer.status} {answer.body}")
        answers.append(answer)
    return answers


def senseless(rows: tuple[Row, ...]) -> list[Row]:
    """Cars with the prices of other cars."""
    return [{**row, "selling_price": 1 + number * 7919 % 1000} for number, row in enumerate(rows)]


def _on_a_laptop(models: Mapping[str, Model]) -> Iterator[Request]:
    cars, churn, tags = models["car-price"], models["churn"], models["project-tags"]
    yield form("a form that is posted too late", "churn", "late")
    yield retrain("good rows", "car-price", list(cars.sample[:600]), query="?force=true")
    yield retrain("senseless prices", "car-price", senseless(cars.sample[:300]))
    yield retrain(
        "more rows", "churn", list(churn.sample[:400]), query="?mode=extend", headers={"Idempotency-Key": "one"}
    )
    yield retrain("other tags", "project-tags", list(tags.sample[:700]), query="?force=true")
    yield _promotion("pin", "car-price", 1, pin=True)
    yield retrain("rows while production is pinned", "car-price", list(cars.sample[600:1200]))
    yield _promotion("unpin", "car-price", 2, pin=False)
    yield posted("too late", "late", churn.csv_of(slice(0, 300)))
    yield finished("superseded or not", "churn", "late")
    yield form("a form for a bad file", "churn", "bad")
    yield posted("a bad file", "bad", churn.csv_of(slice(0, 60)).replace("Two year", "Ten years"))
    yield finished("refused", "churn", "bad")
    yield form("a form that is never posted", "churn", "never")
    yield Request(
        "dropped for churn",
        "dropped",
        FOLDER,
        target="uploads/churn/rows.csv",
        body=Body(churn.csv_of(slice(300, 1800))),
    )
    yield _uploaded("churn")
    yield Request("dropped for becas", "dropped", FOLDER, target="uploads/becas/rows.csv", body=Body("a,b\n1,2\n"))
    yield _uploaded("becas")


def _in_the_cloud(models: Mapping[str, Model]) -> Iterator[Request]:
    """Leave jobs that wait: no trainer gets their messages before the play."""
    rows = list(models["car-price"].sample[100:500])
    yield retrain("queued", "car-price", rows, headers={"Prefer": "respond-async"}, door=CONTROL)
    yield form("waiting", "churn", WAITING, door=CONTROL)


def _promotion(name: str, model: str, version: int, *, pin: bool) -> Request:
    body = json_body({"version": version, "pin": pin})
    return Request(name, "promote", method="PUT", target=f"/models/{model}/production", headers=JSON_BODY, body=body)


def _uploaded(model: str) -> Request:
    until = {"data.jobs.0.actor": ("upload",), "data.jobs.0.state": FINISHED}
    return Request(f"dropped for {model}, done", "job", target=f"/models/{model}/jobs", until=until)


def _copy_registry(at: Stage) -> None:
    registry = at.home / "registry"
    for path in sorted(registry.rglob("*")):
        key = path.relative_to(registry)
        if path.is_file() and not any(part.startswith(".") for part in key.parts):
            at.store.write(REGISTRY, key.as_posix(), path.read_bytes())


def _tokens(checkout: Checkout, at: Stage) -> tuple[str, dict[str, str]]:
    """The document of the secret as the commit writes it, with one expired token more, and the tokens."""
    at.store.make_secret('{"tokens": []}')
    tokens = {}
    for name, scopes in SCOPES.items():
        options = [option for scope in scopes for option in ("--scope", scope)]
        command = ("token", "create", name, *options, "--secret", TOKENS)
        tokens[name] = _command(checkout, variables_for(at.store_url), *command).strip()
    document = json.loads(at.store.read_secret())
    old = {**document["tokens"][-1], "name": "past", "sha256": hashlib.sha256(EXPIRED.encode()).hexdigest()}
    document["tokens"].append({**old, "expires": "2026-01-01T00:00:00Z"})
    return json.dumps(document), {**tokens, "past": EXPIRED}


def _command(checkout: Checkout, variables: Mapping[str, str], *arguments: str) -> str:
    """The output of a command of the checkout."""
    environment = {**checkout.environment, **REPEATABLE, **variables}
    done = subprocess.run(  # noqa: S603
        checkout.command(*arguments), cwd=checkout.root, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"despliegue {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout
