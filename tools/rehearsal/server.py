"""`python -m tools.rehearsal.server`: the image of a server is built, and run as docs/server.md says, on this machine.

Its user is not root, its root file system is read-only, and it writes to one volume. It has to serve, to retrain, to
refuse a revoked token, and to end by itself while a retrain is in flight.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from tools.rehearsal import machine
from tools.rehearsal.commands import StepFailedError, output_of, run, step
from tools.rehearsal.images import Builder
from tools.rehearsal.pip_settings import build_mounts
from tools.rehearsal.places import ROOT, Places

IMAGE = "localhost/despliegue-server"
NAME = "despliegue-server"
PORT = 8000
TOKENS = "/data/tokens.json"
HARDENED = ("--rm", "--network=host", "--read-only", "--read-only-tmpfs=false", "--tmpfs=/tmp:rw,size=512m")
UNPRIVILEGED = ("--cap-drop=ALL", "--security-opt=no-new-privileges", f"--volume={NAME}:/data")
GRACE_SECONDS = 60
START_SECONDS = 120.0
REVOKED_SECONDS = 5.5
ROWS = ROOT / "examples" / "car-price-rows.json"
CAR = "/models/car-price"


def main() -> int:
    """Build and try; 0 for a success, and for a machine that cannot rehearse, which prints SKIPPED and the reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--built", action="store_true", help=argparse.SUPPRESS)  # the part in namespaces of its own
    reason = machine.missing()
    if reason is not None:
        print(f"SKIPPED: rehearsal: {reason}")
        return 0
    places = Places.find()
    try:
        if parser.parse_args().built:
            _try(places)
            return 0
        with places.alone():
            _build(places)
            inside = [*machine.ISOLATED, sys.executable, "-m", "tools.rehearsal.server", "--built"]
            status = subprocess.run(inside, cwd=ROOT, check=False).returncode  # noqa: S603
    except StepFailedError as error:
        print(f"FAILED: rehearsal: {error}", file=sys.stderr)
        return 1
    print(f"{'FAILED' if status else 'PASSED'}: rehearsal of a server; logs in {places.logs}", flush=True)
    return status


def _build(places: Places) -> None:
    with step("packages"):
        machine.install(places)
    with step("despliegue build"):
        run(
            [sys.executable, "-m", "model_export.commands.main", "build", "--checkout"],
            places.log("build"),
            folder=ROOT,
        )
    containers = places.container_settings()
    with build_mounts() as mounts, step("image server"):
        # Debian 13 with Python 3.13, in place of python:3.13-slim
        base = Builder(places, containers, mounts).base()
        command = [
            "buildah",
            "build",
            "--isolation",
            "chroot",
            "--layers",
            *mounts,
            "--tag",
            IMAGE,
            "--target",
            "server",
        ]
        command += [f"--build-arg=SERVER_BASE_IMAGE={base}", f"--file={ROOT / 'Dockerfile.lambda'}", str(ROOT)]
        run(command, places.log("image-server"), environment=containers)
    size = output_of(["podman", "image", "inspect", "--format", "{{.Size}}", IMAGE], containers)
    print(f"rehearsal: image server: {int(size) / 1e6:.0f} MB, {base} included", flush=True)


@dataclass(frozen=True, slots=True)
class _Podman:
    settings: dict[str, str]

    def output(self, *arguments: str) -> str:
        return output_of(["podman", *arguments], self.settings)

    def token(self, name: str, *scopes: str) -> str:
        """Make a token as docs/server.md says, before the first start."""
        asked = [part for scope in scopes for part in ("--scope", scope)]
        command = ["run", *HARDENED, *UNPRIVILEGED, IMAGE, "token", "create", name, *asked, "--file", TOKENS]
        return self.output(*command).strip()

    @contextmanager
    def server(self, places: Places) -> Iterator[subprocess.Popen[bytes]]:
        command = ["podman", "run", f"--name={NAME}", *HARDENED, *UNPRIVILEGED, IMAGE]
        command += ["serve", "--host", "0.0.0.0", "--tokens", TOKENS, "--grace-seconds", str(GRACE_SECONDS)]  # noqa: S104
        with (
            places.log("server").open("ab") as log,
            subprocess.Popen(command, env=_environment(self.settings), stdout=log, stderr=log) as process,  # noqa: S603
        ):
            try:
                yield process
            finally:
                process.kill()


def _environment(settings: dict[str, str]) -> dict[str, str]:
    return {**os.environ, **settings}


def _try(places: Places) -> None:
    """The trial, in namespaces that reach no network."""
    for command in (["mount", "-t", "cgroup2", "none", "/sys/fs/cgroup"], ["ip", "link", "set", "lo", "up"]):
        output_of(command)
    podman = _Podman(places.container_settings())
    podman.output("rm", "--force", "--ignore", NAME)
    podman.output("volume", "rm", "--force", NAME)
    with step("token"):
        token = podman.token("ana", "predict", "train", "batch", "admin")
    with podman.server(places) as server:
        with step("start over an empty volume"):
            _wait_until(lambda: _status("/ready?all=true") == 200)
        with step("not root, and nothing else can be written"):
            _expect("uid", podman.output("exec", NAME, "id", "-u").strip(), "10001")
            shell = "for place in / /app /home /var/tmp; do touch $place/x 2>/dev/null && echo $place; done; true"
            _expect("places that can be written", podman.output("exec", NAME, "sh", "-c", shell), "")
        with step("retrain"):
            _expect("without a token", _status(f"{CAR}/retrain", body=ROWS.read_bytes()), 401)
            _expect("retrained", _retrained(token), (200, 2))
        with step("revoke"):
            second = podman.output("exec", NAME, *_despliegue("create", "bob", "--scope", "train")).strip()
            podman.output("exec", NAME, *_despliegue("revoke", "ana"))
            time.sleep(REVOKED_SECONDS)
            _expect("a revoked token", _status(f"{CAR}/jobs", token), 403)
        with step("SIGTERM while a retrain is in flight"), ThreadPoolExecutor(1) as pool:
            retrain = pool.submit(_retrained, second)
            time.sleep(1.0)
            podman.output("stop", f"--time={GRACE_SECONDS + 10}", NAME)
            _expect("the retrain in flight", retrain.result(), (200, 3))
            _expect("the exit status", server.wait(GRACE_SECONDS), 0)


def _despliegue(*arguments: str) -> Sequence[str]:
    return ("despliegue", "token", *arguments, "--file", TOKENS)


def _retrained(token: str) -> tuple[int, int | None]:
    """Status and version of a retrain."""
    status, answer = _ask(f"{CAR}/retrain?force=true", token, ROWS.read_bytes())
    return status, answer.get("data", {}).get("version")


def _status(path: str, token: str | None = None, body: bytes | None = None) -> int | None:
    """The status of an answer; None if there is none."""
    try:
        return _ask(path, token, body)[0]
    except OSError:
        return None


def _ask(path: str, token: str | None = None, body: bytes | None = None) -> tuple[int, Any]:
    connection = HTTPConnection("127.0.0.1", PORT, timeout=60)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        connection.request("GET" if body is None else "POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise StepFailedError(f"the server is not ready after {START_SECONDS:g} s")
        time.sleep(0.2)


def _expect(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise StepFailedError(f"{what}: {expected!r} is expected, {found!r} was found")


if __name__ == "__main__":
    sys.exit(main())
