"""Origins and headers of pages of other sites."""

from __future__ import annotations

import pytest

from functions.core.other_origins import ORIGIN, READ_HEADERS, SENT_HEADERS
from functions.inference.protocols.hugging_face.body import OPTION_HEADERS
from functions.inference.protocols.hugging_face.document import HEADERS


@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://www.example.com", "http://127.0.0.1"])
def test_an_origin_has_a_scheme_and_a_host_and_maybe_a_port(origin: str) -> None:
    assert ORIGIN.fullmatch(origin)


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "null",
        "localhost:3000",
        "http://a.example/",
        "http://a.example/x",
        "HTTP://A.example",
        "ftp://a",
        "http://",
    ],
)
def test_nothing_else_is_an_origin(text: str) -> None:
    assert not ORIGIN.fullmatch(text)


def test_a_page_may_send_what_clients_of_both_protocols_send() -> None:
    sent = {name.lower() for name in SENT_HEADERS}
    assert sent >= {"authorization", "content-type", "idempotency-key", "prefer", "user-agent"}
    assert sent >= set(OPTION_HEADERS.values())


def test_a_page_may_read_what_answers_say_in_headers() -> None:
    assert set(READ_HEADERS) >= {"Location", "Retry-After", *HEADERS}
