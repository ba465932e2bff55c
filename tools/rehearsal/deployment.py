"""The CDK's own command line, as an operator calls it, and the outputs of its stack."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.rehearsal.commands import run
from tools.rehearsal.images import ACCOUNT, REGION
from tools.rehearsal.places import ROOT, Places

AWS_CDK = "2.1148.1"
STAGE = "rehearsal"
STACK = f"despliegue-{STAGE}"
Context = Mapping[str, str]


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


def contexts(base_image: str, platform: str) -> tuple[Context, Context]:
    """The context values of the first deployment, and of a later one that changes the functions and nothing else."""
    first = {"stage": STAGE, "removal": "destroy", "platform": platform, "base_image": base_image}
    return first, {**first, "training_memory_mb": "3072", "upload_days": "31"}
