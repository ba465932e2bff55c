"""Requests that are repeated, and those that are not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from despliegue_client.errors import ApiError, NoAnswerError
from despliegue_client.exchange import Answer, Request
from despliegue_client.retries import RetryPolicy, exchanged, retry_after_seconds
from tests.client.scripted import Script, ok, refused

SAFE = Request("GET", "http://x/models?signature=abc", is_repeatable=True)
UNSAFE = Request("PUT", "http://x/models/churn/production")
POLICY = RetryPolicy(60, clock=lambda: 0.0, chance=lambda: 1.0)
CUT = NoAnswerError("cut", was_sent=True)
NEVER_SENT = NoAnswerError("no route", was_sent=False)


@pytest.mark.parametrize("status", [429, 503])
def test_the_pause_is_what_the_server_asks_for_and_a_moment_more(status: int) -> None:
    script = Script([refused(status, **{"retry-after": "7"}), ok(1)])
    assert script.play(exchanged(UNSAFE, POLICY)).data() == 1
    assert script.pauses == [7.25]


def test_without_it_pauses_have_full_jitter_below_a_bound_that_doubles() -> None:
    script = Script([refused(429)] * 8 + [ok(1)])
    script.play(exchanged(SAFE, POLICY))
    assert script.pauses == [0.5, 1, 2, 4, 8, 16, 20, 20]
    assert RetryPolicy(60, chance=lambda: 0.25).pause_seconds(3, None) == 1.0


def test_a_pause_beyond_the_time_for_retries_is_not_begun() -> None:
    script = Script([refused(429, ([], "slow down"), **{"retry-after": "61"})])
    with pytest.raises(ApiError, match="429 for GET http://x/models: slow down") as caught:
        script.play(exchanged(SAFE, POLICY))
    assert caught.value.retry_after_seconds == 61
    assert script.pauses == []


def test_a_cut_connection_is_repeated_where_that_is_safe() -> None:
    script = Script([CUT, NEVER_SENT, ok(1)])
    assert script.play(exchanged(SAFE, POLICY)).data() == 1
    assert len(script.requests) == 3


def test_a_cut_connection_is_not_repeated_where_the_request_may_have_been_carried_out() -> None:
    with pytest.raises(NoAnswerError, match="cut"):
        Script([CUT]).play(exchanged(UNSAFE, POLICY))
    assert Script([NEVER_SENT, ok(1)]).play(exchanged(UNSAFE, POLICY)).data() == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422, 500, 502, 504])
def test_every_other_refusal_is_raised_at_once(status: int) -> None:
    with pytest.raises(ApiError) as caught:
        Script([refused(status, (["body"], "wrong"))]).play(exchanged(SAFE, POLICY))
    assert caught.value.status == status
    assert "signature" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5", 5.0),
        ("0", 0.0),
        ("Sun, 29 Nov 2026 18:00:30 GMT", 30.0),
        ("Sun, 29 Nov 2026 17:00:00 GMT", 0.0),
        ("Sun, 29 Nov 2026 18:00:30 -0000", 30.0),
        ("soon", None),
        ("-3", None),
        ("", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(text: str, seconds: float | None) -> None:
    moment = datetime(2026, 11, 29, 18, tzinfo=UTC)
    assert retry_after_seconds(Answer(429, {"retry-after": text}, b""), lambda: moment) == seconds
