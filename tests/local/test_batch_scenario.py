"""Batches from the first request to the last lookup: the application, and a process of batches with its pools."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from starlette.types import ASGIApp

from functions.core.definition import Definition
from functions.local.application import local_application
from functions.local.home import Home
from tests.batching import post_form

Row = dict[str, Any]
CHURN = "/models/churn"
BATCHES = f"{CHURN}/batches"
ROWS = 900
POISONED = """
import os, pathlib
import functions.batches.planning as planning
import functions.batches.shard_run as shard_run
planning.MOST_SHARD_ROWS = 200
run, place = shard_run.ShardRunner.run, pathlib.Path(os.environ["POISON"])
def poisoned(self, batch, plan, shard, version):
    if shard.number == 2 and place.exists():
        raise RuntimeError("poisoned")
    return run(self, batch, plan, shard, version)
shard_run.ShardRunner.run = poisoned
from functions.local.batch_process import main
if __name__ == "__main__":
    main()
"""
"""The process of batches, whose second shard fails while a file is there; its pools start with the same program."""


@pytest.fixture
def poison(tmp_path: Path) -> Path:
    return tmp_path / "poison"


@pytest.fixture
def client(
    home: Home,
    definitions: Mapping[str, Definition],
    connect: Callable[[ASGIApp], httpx.Client],
    root: Path,
    workspace: Path,
    tmp_path: Path,
    poison: Path,
) -> Iterator[httpx.Client]:
    program = tmp_path / "poisoned_batches.py"
    program.write_text(POISONED)
    home.create(list(definitions))
    models = str(workspace / "models")
    command = [sys.executable, str(program), "--home", str(home.root), "--models", models, "--processes", "1"]
    environment = {**os.environ, "PYTHONPATH": str(root), "POISON": str(poison)}
    with subprocess.Popen(command, cwd=root, env=environment, stdin=subprocess.PIPE) as process:
        try:
            yield connect(local_application(home, definitions, base_url="http://localhost"))
        finally:
            process.kill()


@pytest.fixture
def customers(instances: Callable[[str], list[Row]]) -> list[Row]:
    return [{**row, "customerid": f"c{number}"} for number, row in enumerate(instances("churn")[:ROWS])]


def data_of(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()["data"]


def ended(client: httpx.Client, batch: str) -> Any:
    deadline = time.monotonic() + 300
    while True:
        found = data_of(client.get(f"{BATCHES}/{batch}"))
        if found["state"] not in ("waiting", "planned", "running"):
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


def answering(client: httpx.Client, batch: str) -> Any:
    """The batch once it answers lookups, a moment after its end."""
    deadline = time.monotonic() + 300
    while not (found := ended(client, batch))["answers"]:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def written(client: httpx.Client, files: Any) -> list[Any]:
    bodies = [client.get(link["url"]) for link in files["links"]]
    return [orjson.loads(line) for one in bodies for line in gzip.decompress(one.content).splitlines()]


def sent(client: httpx.Client, rows: list[Row]) -> str:
    form = data_of(client.post(BATCHES, json={"file_name": "customers.jsonl"}), 201)
    post_form(client, form, b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return str(form["batch"])


def test_a_poisoned_shard_makes_a_batch_partial_until_a_retry_and_readers_see_all_of_a_batch_or_none(
    client: httpx.Client, customers: list[Row], poison: Path
) -> None:
    customers[7]["tenure"] = "eleven"
    whole = sent(client, customers)
    first = answering(client, whole)
    assert first["state"] == "succeeded"
    assert first["rows"] == {"total": ROWS, "done": ROWS - 1, "refused": 1}
    (error,) = written(client, first["errors"])
    assert (error["line"], error["column"]) == (8, "tenure")

    poison.touch()
    moved = [{**row, "tenure": 1} for row in customers]
    half = sent(client, moved)
    partial = ended(client, half)
    assert (partial["state"], partial["answers"]) == ("partial", False)
    assert partial["shards"]["done"] == partial["shards"]["total"] - 1
    assert data_of(client.get(f"{CHURN}/predictions/c0"))["batch"] == whole
    assert client.put(f"{CHURN}/predictions", json={"batch": half}).status_code == 409

    poison.unlink()
    assert data_of(client.post(f"{BATCHES}/{half}/retry"), 202)["attempt"] == 2
    again = answering(client, half)
    assert (again["state"], again["rows"]["done"]) == ("succeeded", ROWS)
    assert [one["line"] for one in written(client, again["results"])] == list(range(1, ROWS + 1))
    looked_up = data_of(client.get(f"{CHURN}/predictions/c0"))
    one = {name: value for name, value in moved[0].items() if name != "customerid"}
    assert looked_up["batch"] == half
    assert looked_up["prediction"] == data_of(client.post(f"{CHURN}/predict", json=one))["predictions"][0]

    assert data_of(client.put(f"{CHURN}/predictions", json={"batch": whole}))["previous"] == half
    assert data_of(client.get(f"{CHURN}/predictions/c0"))["batch"] == whole
    assert data_of(client.get(f"{CHURN}/versions/1"))["batches"] == [half, whole]


def test_two_batches_run_at_once_and_one_is_cancelled(client: httpx.Client, customers: list[Row]) -> None:
    one, other = (sent(client, customers) for _ in range(2))
    assert client.delete(f"{BATCHES}/{other}").status_code == 200
    assert ended(client, other)["state"] == "cancelled"
    assert ended(client, one)["state"] == "succeeded"
    deadline = time.monotonic() + 60
    while (again := client.post(f"{BATCHES}/{other}/retry")).status_code == 409:  # while it is ending
        assert time.monotonic() < deadline, again.text
        time.sleep(0.1)
    assert ended(client, other)["state"] == "succeeded"
