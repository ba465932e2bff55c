"""Answers over HTTP and of functions, which are kept in one form."""

from __future__ import annotations

import base64

from tools.replay.answers import Answer, event_answer, http_answer


def test_headers_of_the_server_program_are_left_out_and_repeated_ones_joined() -> None:
    headers = [("Date", "today"), ("Allow", "GET"), ("allow", "HEAD"), ("Content-Length", "2")]
    assert http_answer(200, headers, b"{}") == Answer(200, {"allow": "GET, HEAD", "content-length": "2"}, "{}")


def test_a_body_that_is_no_text_is_kept_and_a_large_one_by_its_digest() -> None:
    assert http_answer(200, [], b"\xff").body == "base64 /w=="
    assert http_answer(200, [], b"x" * 400_000).body.startswith("400000 bytes, sha256 ")


def test_an_event_answered_as_http_is_kept_as_http() -> None:
    body = base64.b64encode("ñ".encode()).decode()
    found = event_answer({"statusCode": 404, "headers": {"Allow": "GET"}, "body": body, "isBase64Encoded": True})
    assert found == Answer(404, {"allow": "GET", "event-isbase64encoded": "true"}, "ñ")


def test_any_other_answer_of_a_function_is_a_document() -> None:
    assert event_answer({"batchItemFailures": []}).document == {"batchItemFailures": []}
    assert event_answer(None) == Answer(None, {}, "null")
