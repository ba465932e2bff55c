"""docs/http.md: its routes and scopes are those of the table of routes."""

from __future__ import annotations

import re
from pathlib import Path

from functions.core.routes import ROUTES

PAGE = (Path(__file__).parents[2] / "docs" / "http.md").read_text("utf-8")
ROW = re.compile(r"^\| `(GET|POST|PUT|DELETE) (/[^`]*)` \| (?:none|`(\w+)`) \|", re.MULTILINE)


def test_the_page_has_every_route_with_its_scope() -> None:
    listed = [(method, path, scope or "public") for method, path, scope in ROW.findall(PAGE)]
    assert listed == [(route.method, route.path, route.scope) for route in ROUTES]
