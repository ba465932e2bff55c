from __future__ import annotations

import pytest

from functions.core.base_path import BASE_PATH_RULE, is_base_path
from functions.core.routes import ROUTES


@pytest.mark.parametrize(
    "path", ["", "/ml", "/ml/v1", "/prod", "/a/b/c", "/v1.2", "/_x-y_z", "/m" * 50, "/modelsx", "/7"]
)
def test_the_root_and_plain_paths_are_base_paths(path: str) -> None:
    assert is_base_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "ml",
        "/ml/",
        "//ml",
        "/ml//v1",
        "/.",
        "/..",
        "/ml/../x",
        "/.ml",
        "/a b",
        "/ä",
        "/ml?x",
        "/ml#",
        "/%6Dl",
        "/ml\n",
        "/{model}",
        "https://a.example/ml",
        "/" + "m" * 100,
    ],
)
def test_what_is_no_plain_path_is_refused(path: str) -> None:
    assert not is_base_path(path)


@pytest.mark.parametrize(
    "path", ["/models", "/models/v1", "/docs", "/ping", "/openapi.json", "/predict", "/local-uploads"]
)
def test_a_path_of_the_api_is_no_base_path(path: str) -> None:
    """Nobody could see whether a proxy took it off."""
    assert not is_base_path(path)


def test_no_path_of_a_route_begins_with_a_base_path() -> None:
    assert not any(is_base_path(f"/{route.path.split('/')[1]}") for route in ROUTES if route.path != "/")


def test_the_rule_names_an_example_that_keeps_it() -> None:
    assert "/ml/v1" in BASE_PATH_RULE
