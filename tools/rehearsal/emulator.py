"""AWS on this machine: ministack over podman, in namespaces that reach no network and end with their first process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tools.rehearsal.commands import StepFailedError, output_of, run
from tools.rehearsal.images import REGION
from tools.rehearsal.places import Places

REQUIREMENTS = ("ministack==1.5.33", "boto3==1.43.106", "docker==7.2.0")
S3_CLIENT = "@aws-sdk/client-s3@3"
"""The package that the CDK's function for emptying buckets needs: part of Lambda, and here installed with the CDK."""
PORT = 4566
ENDPOINT = f"http://127.0.0.1:{PORT}"
GATEWAY = "10.88.0.1"
CONTAINERS_HOST = "host.docker.internal"
START_SECONDS = 60
CLIENT = {
    "AWS_ENDPOINT_URL": ENDPOINT,
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nonexistent",
    "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
}
"""Environment variables with which an SDK finds the emulator."""


def install(places: Places) -> None:
    """Make the emulator's virtual environment, once for each set of requirements."""
    stamp = places.emulator / ".installed"
    if stamp.exists() and stamp.read_text() == " ".join(REQUIREMENTS):
        return
    log = places.log("emulator-install")
    run([sys.executable, "-m", "venv", "--clear", places.emulator], log)
    run([places.emulator / "bin" / "python", "-m", "pip", "install", "--quiet", *REQUIREMENTS], log)
    stamp.write_text(" ".join(REQUIREMENTS))


def prepare_namespaces() -> None:
    """Make a loopback and a control group tree as podman expects them, in this mount namespace only."""
    output_of(["ip", "link", "set", "lo", "up"])
    subprocess.run(["umount", "--recursive", "--lazy", "/sys/fs/cgroup"], capture_output=True, check=False)  # noqa: S607
    output_of(["mount", "-t", "cgroup2", "none", "/sys/fs/cgroup"])


def add_hosts(places: Places, *names: str) -> None:
    """Resolve names to the emulator, in this mount namespace only."""
    hosts = places.folder / "hosts"
    hosts.write_text(f"127.0.0.1 localhost {CONTAINERS_HOST} {' '.join(names)}\n")
    output_of(["mount", "--bind", hosts, "/etc/hosts"])


@contextmanager
def emulator(places: Places, containers: Mapping[str, str], image: str) -> Iterator[None]:
    """An emulated AWS at ENDPOINT while the block runs, which enforces the policies of roles and buckets.

    `image` may be any image in the cache: it starts the network of the containers.
    """
    places.podman_socket.unlink(missing_ok=True)
    environment = {**os.environ, **containers}
    with _process(["podman", "system", "service", "--time=0", f"unix://{places.podman_socket}"], environment, places):
        # the first container creates the bridge that connects the functions
        run(["podman", "run", "--rm", "--entrypoint=/bin/true", image], places.log("podman"), environment=containers)
        command = [str(places.emulator / "bin" / "python"), "-m", "hypercorn", "emulated:app", "--keep-alive", "75"]
        variables = {
            "AUTH": "true",
            "DOCKER_HOST": f"unix://{places.podman_socket}",
            "GATEWAY_PORT": str(PORT),
            "LAMBDA_DOCKER_FLAGS": f"--add-host {CONTAINERS_HOST}:{GATEWAY}",
            "MINISTACK_HOST": "localhost",
            "NODE_PATH": str(places.node / "node_modules"),
            "PYTHONPATH": str(Path(__file__).parent),
        }
        with _process([*command, "--bind", f"0.0.0.0:{PORT}"], {**environment, **variables}, places):
            _wait()
            yield


def keep_container_logs(places: Places, containers: Mapping[str, str]) -> None:
    """Write the output of each function to the logs, one file for each container."""
    listing = ["podman", "ps", "--all", "--no-trunc", "--format", "{{.Names}} {{.Command}}"]
    for line in output_of(listing, containers).splitlines():
        name, handler = line.split()[:2]
        run(["podman", "logs", name], places.log(f"{handler.strip('[]')}-{name}"), environment=containers)


def remove_containers(containers: Mapping[str, str]) -> None:
    """Remove the containers of this rehearsal and of rehearsals that were killed."""
    command = ["podman", "rm", "--all", "--force", "--time=0"]
    subprocess.run(command, env={**os.environ, **containers}, capture_output=True, check=False)  # noqa: S603


@contextmanager
def _process(command: list[str], environment: Mapping[str, str], places: Places) -> Iterator[None]:
    log = places.log("emulator" if "hypercorn" in command else command[0])
    with (
        log.open("ab") as output,
        subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT) as process,  # noqa: S603
    ):
        try:
            yield
        finally:
            process.terminate()


def _wait() -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            with urlopen(f"{ENDPOINT}/_ministack/health", timeout=5):  # noqa: S310
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise StepFailedError(f"the emulator did not answer on {ENDPOINT} within {START_SECONDS} seconds")
