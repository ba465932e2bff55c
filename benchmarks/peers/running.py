"""A peer as a server in processes of its own, and questions to it."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import ONE_THREAD_ENVIRONMENT, Start
from benchmarks.peers.catalogue import Peer
from benchmarks.peers.environments import last_line
from benchmarks.preparation import home_of, read_bodies
from benchmarks.process_tree import cpu_seconds, end, memory
from tools.checkout import HERE

START_SECONDS = 300.0
PAUSE_SECONDS = 0.05
ANSWER_SECONDS = 60.0
STARTING = {404, 502, 503}
"""The answers of servers that listen before the model is loaded."""


class NotStartedError(Exception):
    """A peer that cannot be prepared or started, or that answers an error, with the reason."""


@dataclass(frozen=True, slots=True)
class Running:
    """A peer that has answered its first request."""

    peer: Peer
    process: int
    url: str
    start: Start

    def values(self, body: bytes, *, is_batch: bool) -> list[float]:
        """The predictions for a body of ours. Raises NotStartedError for another status than 200."""
        status, answer = _ask(self.url, self.peer, body, is_batch=is_batch)
        if status != 200:
            raise NotStartedError(f"answered {status}: {last_line(answer.decode(errors='replace'))}")
        return self.peer.wire.values(json.loads(answer))


@contextmanager
def running(peer: Peer, python: Path, folder: Path) -> Iterator[Running]:
    """The peer over the trained files of `folder` while the block runs, in the environment of `python`.

    `folder` also holds models/, which Despliegue serves. Raises NotStartedError.
    """
    ports = dict(zip(("port", "second_port", "third_port"), _free_ports(3), strict=True))
    command, prepare = ([one.format(**ports, folder=folder) for one in words] for words in (peer.command, peer.prepare))
    environment = _environment(peer, python, folder, ports)
    log = folder / f"{peer.name}.log"
    if prepare:
        _prepare([str(python), *prepare], folder, environment)
    with log.open("wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen([str(python), *command], cwd=folder, env=environment, stdout=output, stderr=output)
    try:
        url = f"http://127.0.0.1:{ports['port']}"
        _wait(process, url, peer, read_bodies(folder, "one")[0], log)
        seconds = time.perf_counter() - began
        start = Start(cpu_seconds(process.pid), seconds, memory(process.pid).resident_mb)
        yield Running(peer, process.pid, url, start)
    finally:
        end(process)


def _environment(peer: Peer, python: Path, folder: Path, ports: dict[str, int]) -> dict[str, str]:
    variables = {name: value.format(**ports, folder=folder) for name, value in peer.variables.items()}
    return {
        **ONE_THREAD_ENVIRONMENT,
        **HERE.environment,
        "PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PEER_FOLDER": str(folder),
        "DESPLIEGUE_HOME": str(home_of(folder).root),
        **variables,
    }


def _free_ports(count: int) -> list[int]:
    """Ports that are free now and differ."""
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [listener.getsockname()[1] for listener in listeners]


def _prepare(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise NotStartedError(last_line(done.stdout + done.stderr))


def _wait(process: subprocess.Popen[Any], url: str, peer: Peer, body: bytes, log: Path) -> None:
    """Ask until the first answer."""
    until, status = time.perf_counter() + START_SECONDS, 0
    while time.perf_counter() < until:
        if process.poll() is not None:
            raise NotStartedError(
                f"ended with code {process.returncode}: {last_line(log.read_text(encoding='utf-8', errors='replace'))}"
            )
        try:
            status, answer = _ask(url, peer, body, is_batch=False)
        except (OSError, http.client.HTTPException):
            status, answer = 0, b""
        if status == 200:
            return
        if status not in {0, *STARTING}:
            raise NotStartedError(f"answered {status}: {last_line(answer.decode(errors='replace'))}")
        time.sleep(PAUSE_SECONDS)
    raise NotStartedError(f"gave no answer in {START_SECONDS:g} s, last status {status}")


def _ask(url: str, peer: Peer, body: bytes, *, is_batch: bool) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=ANSWER_SECONDS)
    try:
        path = peer.wire.batch if is_batch else peer.wire.one
        connection.request("POST", path, peer.wire.body(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
