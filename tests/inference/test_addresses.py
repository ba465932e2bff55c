from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import Request

from functions.inference.addresses import BASE_PATH_KEY, asked_origin, outside_path, outside_url


def request(base_path: str = "", host: str | None = "api.example.com", **scope: Any) -> Request:
    headers = [(b"host", host.encode())] if host else []
    below = {BASE_PATH_KEY: base_path} if base_path else {}
    return Request(
        {"type": "http", "scheme": "https", "headers": headers, "server": ("10.0.0.1", 80), **below, **scope}
    )


def test_paths_are_below_the_base_path() -> None:
    assert outside_path(request("/ml").scope, "/docs") == "/ml/docs"
    assert outside_path(request("/ml").scope, "/") == "/ml/"
    assert outside_path(request().scope, "/docs") == "/docs"


def test_the_origin_is_the_one_that_was_asked() -> None:
    assert asked_origin(request()) == "https://api.example.com"


@pytest.mark.parametrize(("server", "origin"), [(("10.0.0.1", 80), "https://10.0.0.1:80"), (None, "https://localhost")])
def test_without_a_host_the_origin_is_this_server(server: object, origin: str) -> None:
    assert asked_origin(request(host=None, server=server)) == origin


def test_a_path_becomes_a_whole_url_and_a_url_stays() -> None:
    assert outside_url(request("/ml"), "/local-uploads") == "https://api.example.com/ml/local-uploads"
    assert outside_url(request("/ml"), "https://bucket.s3.amazonaws.com/") == "https://bucket.s3.amazonaws.com/"
