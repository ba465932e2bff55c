"""The CDK's own command line, as an operator calls it, and the outputs of its stack."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tools.rehearsal.commands import run
from tools.rehearsal.images import ACCOUNT, REGION
from tools.rehearsal.places import ROOT, Places

AWS_CDK = "2.1148.1"
STAGE = "rehearsal"
STACK = f"despliegue-{STAGE}"
Context = Mapping[str, str]
Deployment = Literal["first", "later", "broken"]


@dataclass(frozen=True, slots=True)
class Cdk:
    """The stack of this checkout, unchanged but for context values that an operator may give."""

    places: Places
    context: Context

    def synth(self) -> None:
        self._run("synth", "--quiet", STACK)

    def bootstrap(self) -> None:
        self._run("bootstrap", f"aws://{ACCOUNT}/{REGION}")

    def deploy(self) -> dict[str, str]:
        """The outputs of the stack."""
        outputs = self.places.folder / "outputs.json"
        options = ("--require-approval", "never", "--progress", "events", "--outputs-file", str(outputs))
        self._run("deploy", *options, STACK)
        by_stack: dict[str, dict[str, str]] = json.loads(outputs.read_bytes())
        return by_stack[STACK]

    def destroy(self) -> None:
        self._run("destroy", "--force", STACK)

    def _run(self, command: str, *options: str) -> None:
        context = [part for name, value in self.context.items() for part in ("--context", f"{name}={value}")]
        program = self.places.node / "node_modules" / ".bin" / "cdk"
        variables = {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "CDK_DISABLE_CLI_TELEMETRY": "1",
            # there the CDK notes which account a key belongs to
            "HOME": str(self.places.folder / "home"),
        }
        output = ["--output", str(self.places.assembly)]
        run(
            [program, command, *options, *context, *output],
            self.places.log(f"cdk-{command}"),
            folder=ROOT,
            environment=variables,
        )


def context(deployment: Deployment, base_image: str, platform: str) -> Context:
    """The context values of the first deployment, of a later one with other settings, or of one with broken images."""
    first = {"stage": STAGE, "removal": "destroy", "platform": platform, "base_image": base_image}
    # each shard at work takes a container, and this machine may have two processors
    first["batch_concurrency"] = "2"
    changes: Mapping[Deployment, Context] = {
        "first": {},
        "later": {"training_memory_mb": "3072", "upload_days": "31"},
        # another name of the base gives the images other names, under which Builder.broken puts its own
        "broken": {"base_image": f"{base_image}-broken"},
    }
    return {**first, **changes[deployment]}
