"""`python3 -m infra.app`: the composition root, which the CDK's command line runs (cdk.json)."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from functions.core.errors import DefinitionError, DespliegueError, DocumentError, KeyFault
from functions.core.model_folder import load_definitions
from infra.node import choose_node
from infra.settings import read_settings

if TYPE_CHECKING:
    from aws_cdk import App

ROOT = Path(__file__).resolve().parents[1]
CDK_FILE = "cdk.json"


def build_app(root: Path = ROOT, *, context: Mapping[str, Any] | None = None, outdir: Path | None = None) -> App:
    """The application for the models under `root`/models and their built versions in `root`/build, ready for synth().

    `context` adds to what the command line gives, and to what `root`/cdk.json keeps. Raises DefinitionError for a wrong
    model folder and where there is none, DocumentError for wrong context values, BuildError where `despliegue build`
    was not run.
    """
    choose_node()
    from aws_cdk import App  # only now: the import starts node

    from infra.stack import DespliegueStack

    app = App(
        context={**_kept_context(root), **(context or {})},
        outdir=str(outdir) if outdir else None,
        analytics_reporting=False,
    )
    settings = read_settings(app.node.try_get_context)
    definitions = load_definitions(root / "models")
    if not definitions:
        raise DefinitionError("no model to deploy: add a folder with a model.toml under models/")
    stack = DespliegueStack(app, f"despliegue-{settings.stage}", definitions=definitions, settings=settings, root=root)
    stack.termination_protection = settings.removal == "retain"
    # of the stack: CloudFormation passes them on to each resource
    for name, value in {"project": "despliegue", "stage": settings.stage}.items():
        stack.add_stack_tag(name, value)
    return app


def _kept_context(root: Path) -> Mapping[str, Any]:
    """The values under "context" in cdk.json.

    The CDK's command line gives them as well, but `make synth` and the workflow run this program without it.
    """
    path = root / CDK_FILE
    try:
        context: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8")).get("context", {})
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise DocumentError(CDK_FILE, [KeyFault((), "JSON", str(error))]) from None
    return context


def main() -> None:
    try:
        build_app().synth()
    except DespliegueError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
