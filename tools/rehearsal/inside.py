"""The part of the rehearsal that runs in namespaces of its own: from bootstrap to destroy."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

from tools.rehearsal import emulator, machine
from tools.rehearsal.commands import StepFailedError, output_of, step
from tools.rehearsal.deployment import STACK, Cdk, context
from tools.rehearsal.places import ROOT, Places

SCOPES = ("predict", "train", "batch", "admin")
SUITES = ("tests/deployed", "tests/examples")


def main() -> int:
    """Deploy, test and destroy; the exit status of the suite, or 1 where a step failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base_image")
    parser.add_argument("--only")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    places = Places.find()
    os.environ.update(emulator.CLIENT)
    containers = places.container_settings()
    emulator.remove_containers(containers)
    emulator.prepare_namespaces()
    try:
        with emulator.emulator(places, containers, options.base_image):
            try:
                return _rehearse(places, options)
            finally:
                emulator.keep_container_logs(places, containers)
                emulator.remove_containers(containers)
    except StepFailedError as error:
        print(f"FAILED: rehearsal: {error}", file=sys.stderr)
        return 1


def _rehearse(places: Places, options: argparse.Namespace) -> int:
    cdk = Cdk(places, context("first", options.base_image, machine.native_platform()))
    with step("cdk bootstrap"):
        cdk.bootstrap()
    with step("cdk deploy"):
        outputs = cdk.deploy()
    emulator.add_hosts(places, str(urlsplit(outputs["ApiUrl"]).hostname))
    with step("tokens"):
        tokens = _tokens(outputs["TokensSecret"])
    redeploy = [sys.executable, "-m", "tools.rehearsal.redeploy"]
    variables = {
        **os.environ,
        **tokens,
        "DESPLIEGUE_BASE_URL": outputs["ApiUrl"],
        "DESPLIEGUE_STACK": STACK,
        "DESPLIEGUE_REDEPLOY": shlex.join([*redeploy, "later", options.base_image]),
        "DESPLIEGUE_REDEPLOY_BROKEN": shlex.join([*redeploy, "broken", options.base_image]),
    }
    with step("suite"):
        status = _suite(variables, options.only)
    if options.keep:
        print(f"rehearsal: {outputs['ApiUrl']}; leave this shell (exit) to destroy it", flush=True)
        subprocess.run(["bash", "--norc"], env=variables, check=False)  # noqa: S607
    with step("cdk destroy"):
        cdk.destroy()
    return status


def _tokens(secret: str) -> dict[str, str]:
    """A token for each scope and one for all of them, by the variables that the suite reads."""
    asked = {**{f"DESPLIEGUE_TOKEN_{scope.upper()}": [scope] for scope in SCOPES}, "API_TOKEN": list(SCOPES)}
    return {name: _token(name.lower().replace("_", "-"), scopes, secret) for name, scopes in asked.items()}


def _token(name: str, scopes: list[str], secret: str) -> str:
    asked = [part for scope in scopes for part in ("--scope", scope)]
    despliegue = [sys.executable, "-m", "model_export.commands.main"]
    return output_of([*despliegue, "token", "create", name, *asked, "--secret", secret]).strip()


def _suite(variables: Mapping[str, str], only: str | None) -> int:
    """Run the end-to-end suite; its exit status."""
    command = [sys.executable, "-m", "pytest", *SUITES, "-p", "no:cacheprovider", "--durations=15"]
    command += ["-k", only] if only else []
    return subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
