"""Webhooks, against a real server."""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from functions.core.announcements import Announcement
from functions.core.webhooks import PAUSES_SECONDS, SIGNATURE, Webhook, WebhookError, signature

SHARED = "not-a-secret-but-long-enough"
ENDED = Announcement("batch", "churn", "a" * 32, "succeeded", "2026-11-29T00:00:00.000000Z", version=3)
Received = list[tuple[dict[str, str], bytes]]


@contextmanager
def receiver(answers: Callable[[int], int]) -> Iterator[tuple[str, Received]]:
    """A server that answers its n-th request with `answers(n)`; its address and what it received."""
    received: Received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((dict(self.headers), body))
            self.send_response(answers(len(received)))
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hooks/hidden-part", received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_receiver_can_check_the_signature_by_the_documented_rule() -> None:
    with receiver(lambda count: 204) as (url, received):
        Webhook(url, SHARED).send(ENDED)
    ((headers, body),) = received
    parts = dict(part.split("=", 1) for part in headers[SIGNATURE].split(","))
    expected = hmac.new(SHARED.encode(), f"{parts['t']}.".encode() + body, hashlib.sha256).hexdigest()
    assert parts["v1"] == expected
    assert body == ENDED.to_json()
    assert headers["Content-Type"] == "application/json"


def test_another_body_time_or_secret_has_another_signature() -> None:
    base = signature(b"{}", SHARED, 1)
    assert len({base, signature(b"[]", SHARED, 1), signature(b"{}", SHARED, 2), signature(b"{}", SHARED * 2, 1)}) == 4


def test_a_receiver_that_fails_is_asked_again_after_a_pause() -> None:
    pauses: list[float] = []
    with receiver(lambda count: 503 if count < 3 else 200) as (url, received):
        Webhook(url, SHARED, pauses.append).send(ENDED)
    assert len(received) == 3
    assert tuple(pauses) == PAUSES_SECONDS


@pytest.mark.parametrize("status", [500, 404, 302])
def test_a_refusal_and_a_redirect_end_in_an_error_that_names_the_host_alone(status: int) -> None:
    with receiver(lambda count: status) as (url, received), pytest.raises(WebhookError) as caught:
        Webhook(url, SHARED, lambda seconds: None).send(ENDED)
    assert str(caught.value) == f"127.0.0.1 answered {status}"
    assert len(received) == 3


def test_announcing_logs_what_could_not_be_sent(caplog: pytest.LogCaptureFixture) -> None:
    with receiver(lambda count: 200) as (url, _):
        pass  # nobody listens there any more
    Webhook(url, SHARED, lambda seconds: None).announce(ENDED)
    assert "batch.succeeded of churn was not announced: 127.0.0.1 was not reached" in caplog.text
    assert "hidden-part" not in caplog.text


def test_a_webhook_never_shows_its_secret() -> None:
    assert SHARED not in repr(Webhook("https://example.org", SHARED))


@pytest.mark.parametrize("url", ["ftp://example.org", "example.org/hook", "https://example.org/ñ"])
def test_only_web_addresses_are_called(url: str) -> None:
    with pytest.raises(ValueError, match="address of ASCII characters, such as"):
        Webhook(url, SHARED)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16"):
        Webhook("https://example.org", "short")
