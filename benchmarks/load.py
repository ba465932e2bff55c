"""A server as people start it under load, while its model is retrained: python -m benchmarks.load [--seconds 60]"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.clients import Freshness, Load, Request, drive
from benchmarks.measure import ONE_THREAD_ENVIRONMENT
from benchmarks.preparation import MODELS, PROJECT, home_of, labelled_rows, prepare, read_bodies
from benchmarks.report import table
from benchmarks.results_file import LOAD, write_part
from benchmarks.servers import DESPLIEGUE, STRONG_PEER, Server, find_server
from tools.serving import serving

MODEL = "churn"
CLIENTS = 16
BATCH_ROWS = 16
ONES_PER_BATCH = 3
WARM_SECONDS = 2.0
RETRAIN_SECONDS = 120.0
KINDS = {"one": "1 row", "batch": f"{BATCH_ROWS} rows"}


@dataclass(frozen=True, slots=True)
class Stage:
    """One stretch of load; `retrains` is how many ended meanwhile."""

    label: str
    load: Load
    retrains: int


class Retraining:
    """A thread that posts a retrain whenever the last one has ended, until it is stopped."""

    def __init__(self, url: str, rows: Sequence[dict[str, Any]], freshness: Freshness) -> None:
        self._url = f"{url}/models/{MODEL}/retrain?force=true"
        self._body = json.dumps(rows).encode()
        self._freshness = freshness
        self._is_stopped = False
        self.ended = 0

    def run(self) -> None:
        with httpx.Client(timeout=RETRAIN_SECONDS, headers={"Content-Type": "application/json"}) as http:
            while not self._is_stopped:
                answer = http.post(self._url, content=self._body)
                if answer.status_code != 200 or not answer.json()["data"]["promoted"]:
                    raise RuntimeError(f"a retrain answered {answer.status_code}: {answer.text[:500]}")
                self._freshness.version = answer.json()["data"]["version"]
                self.ended += not self._is_stopped

    def stop(self) -> None:
        self._is_stopped = True


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write RESULTS.md; 1 if a request failed or an answer was stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of each of the four stretches")
    seconds = parser.parse_args(arguments).seconds
    with tempfile.TemporaryDirectory() as root:
        stages = _measure(Path(root), seconds)
    text = _document(stages, seconds)
    print(text)
    write_part(LOAD, text)
    return 1 if any(stage.load.errors or stage.load.stale for stage in stages) else 0


def _measure(root: Path, seconds: float) -> list[Stage]:
    folder = root / "trained"
    folder.mkdir()
    prepare(MODEL, folder)
    shutil.copytree(MODELS / MODEL, root / "models" / MODEL)
    rows = labelled_rows(MODEL)
    peer = find_server(MODEL, STRONG_PEER)
    with serving(root, home_of(folder).root) as ours, _peer(peer, folder) as peer_url:
        freshness = Freshness(1)

        def stage(label: str, server: Server, url: str, *, is_retrained: bool) -> Stage:
            print(f"{label}: {seconds:g} seconds", file=sys.stderr)
            retraining = Retraining(ours.url, rows, freshness) if is_retrained else None
            newest = freshness if server is DESPLIEGUE else Freshness()
            load = asyncio.run(_drive(url, _requests(server, url, folder), seconds, newest, retraining))
            return Stage(label, load, retraining.ended if retraining else 0)

        return [
            stage("Despliegue", DESPLIEGUE, ours.url, is_retrained=False),
            stage(peer.label, peer, peer_url, is_retrained=False),
            stage("Despliegue, retrained all the time", DESPLIEGUE, ours.url, is_retrained=True),
            stage(f"{peer.label}, during Despliegue's retrains", peer, peer_url, is_retrained=True),
        ]


async def _drive(
    url: str, requests: Sequence[Request], seconds: float, freshness: Freshness, retraining: Retraining | None
) -> Load:
    await drive(url, requests, clients=CLIENTS, seconds=WARM_SECONDS, freshness=freshness)
    running = asyncio.create_task(asyncio.to_thread(retraining.run)) if retraining else None
    load = await drive(url, requests, clients=CLIENTS, seconds=seconds, freshness=freshness)
    if retraining and running:
        retraining.stop()
        await running
    return load


def _requests(server: Server, url: str, folder: Path) -> list[Request]:
    """Single rows, and after every few of them a batch."""
    ones = read_bodies(folder, "one")
    instances = [json.loads(body) for body in ones]
    requests = []
    for number, body in enumerate(ones):
        requests.append(Request.post(url, "one", server.path(MODEL, is_batch=False), body))
        if number % ONES_PER_BATCH == ONES_PER_BATCH - 1:
            batch = json.dumps([instances[(number + step) % len(instances)] for step in range(BATCH_ROWS)]).encode()
            requests.append(Request.post(url, "batch", server.path(MODEL, is_batch=True), batch))
    return requests


@contextmanager
def _peer(server: Server, folder: Path) -> Iterator[str]:
    """The address of a peer in a process of its own while the block runs."""
    command = [sys.executable, "-m", "benchmarks.peer_process", str(server.module), str(folder)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=PROJECT, env=ONE_THREAD_ENVIRONMENT
    ) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()


def _document(stages: Sequence[Stage], seconds: float) -> str:
    ours, peer, retrained, peer_beside = stages
    faster = [one.load.per_second / other.load.per_second for one, other in ((ours, peer), (retrained, peer_beside))]
    kept = retrained.load.per_second / ours.load.per_second
    return "\n\n".join(
        [
            f"Written by `python -m benchmarks.load`: `despliegue serve` and peer A run by the same uvicorn, each"
            f" driven for {seconds:g} seconds by {CLIENTS} clients with a connection each, {ONES_PER_BATCH} requests of"
            f" one row, then one of {BATCH_ROWS} rows, model {MODEL}. Then the same while Despliegue is retrained on"
            " the whole table, a retrain posted whenever the last one has ended, each one promoted. Stale is an answer"
            " from an older version than the newest one that a retrain had reported when the request was sent.",
            f"Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python"
            f" {platform.python_version()}. The clients, the servers and the trainer share these cores, so a retrain"
            " takes its time from the predictions: take the ratios.",
            table(
                [
                    "server",
                    "requests a second",
                    *(f"{words}, {share} ms" for words in KINDS.values() for share in ("p50", "p99")),
                    "retrains",
                    "errors",
                    "stale",
                ],
                [_row(stage) for stage in stages],
            ),
            f"Despliegue answers {faster[0]:.1f} times as many requests as the peer, {faster[1]:.1f} times while it is"
            f" retrained; retraining all the time leaves it {kept:.0%} of its throughput. In"
            f" {len(retrained.load.versions)} versions, {retrained.load.stale} of {retrained.load.requests} answers"
            " were stale.",
        ]
    )


def _row(stage: Stage) -> list[str]:
    load = stage.load
    times = [f"{load.percentile(kind, share):.1f}" for kind in KINDS for share in (0.5, 0.99)]
    return [stage.label, f"{load.per_second:.0f}", *times, str(stage.retrains), str(load.errors), str(load.stale)]


if __name__ == "__main__":
    sys.exit(main())
