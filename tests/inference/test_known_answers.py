from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.responses import Response

from functions.inference.known_answers import entity_tag, unless_known

BODY = b'{"a":1}'
ETAG = entity_tag(BODY)
STRONG = ETAG.removeprefix("W/")


def answer(asked: str | None) -> Response:
    headers = [] if asked is None else [(b"if-none-match", asked.encode())]
    request = Request({"type": "http", "headers": headers})
    return unless_known(request, BODY, "application/json", ETAG, {"X-Frame-Options": "DENY"})


@pytest.mark.parametrize("asked", [ETAG, STRONG, f'"other", {ETAG}', f'W/"other",{STRONG}', "*"])
def test_a_client_that_has_the_answer_gets_no_body(asked: str) -> None:
    found = answer(asked)
    assert (found.status_code, found.body) == (304, b"")
    assert "content-length" not in found.headers
    # a cache replaces the headers that it keeps by these
    assert (found.headers["etag"], found.headers["cache-control"]) == (ETAG, "no-cache")
    assert found.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("asked", [None, "", '"other"', STRONG.strip('"'), f"x{ETAG}", '"*"'])
def test_any_other_client_gets_the_answer_with_its_tag(asked: str | None) -> None:
    found = answer(asked)
    assert (found.status_code, found.body) == (200, BODY)
    assert (found.headers["etag"], found.headers["content-type"]) == (ETAG, "application/json")
    assert found.headers["cache-control"] == "no-cache"


def test_a_tag_is_of_the_body_alone() -> None:
    assert entity_tag(BODY) == ETAG
    assert entity_tag(b'{"a":2}') != ETAG
    assert ETAG.startswith('W/"')
