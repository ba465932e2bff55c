"""The path below which all routes are reached from outside: the key of an API mapping, or the prefix of a proxy."""

from __future__ import annotations

import re

from functions.core.routes import RESOURCES, ROUTES

LONGEST_BASE_PATH = 100
PARTS = re.compile(r"(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+")
LOCAL_PARTS = frozenset({"local-uploads", "local-downloads", "ready"})
"""First parts of the paths that `despliegue serve` has besides those of the table."""
# A proxy may take the base path off or leave it there; which of the two it did can only be seen where no path of a
# route begins as the base path does. With --model, the resources of that model are at the root too.
FIRST_PARTS = LOCAL_PARTS | RESOURCES | {route.path.split("/")[1] for route in ROUTES}
BASE_PATH_RULE = (
    f"a path such as /ml or /ml/v1, of at most {LONGEST_BASE_PATH} letters, digits, dots, hyphens and underscores, "
    "without a slash at its end and not below a path of the API itself such as /models or /docs"
)


def is_base_path(text: str) -> bool:
    """Return True if routes can be served below this path; the empty one is the root."""
    if not text:
        return True
    is_path = len(text) <= LONGEST_BASE_PATH and PARTS.fullmatch(text) is not None
    return is_path and text.split("/")[1] not in FIRST_PARTS
