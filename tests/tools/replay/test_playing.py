"""Requests in order, which may refer to earlier answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tools.replay.answers import Answer
from tools.replay.playing import play
from tools.replay.requests import Body, Request, filled


def test_a_request_uses_a_part_of_an_earlier_answer() -> None:
    asked: list[str] = []

    def ask(request: Request, kept: Mapping[str, Any]) -> Answer:
        asked.append(filled(request.target, kept))
        return Answer(200, {}, json.dumps({"data": {"job": "7", "fields": {"key": "k"}}}))

    first = Request("first", "kind", target="/${start}", keep={"form": "data"})
    second = Request("second", "kind", target="/${form.job}/${form.fields.key}/${unknown}")
    assert len(list(play([first, second], ask, {"start": "here"}))) == 2
    assert asked == ["/here", "/7/k/${unknown}"]


def test_a_request_is_repeated_until_the_answer_is_what_it_waits_for() -> None:
    states = iter(["queued", "running", "succeeded"])

    def ask(request: Request, kept: Mapping[str, Any]) -> Answer:
        return Answer(200, {}, json.dumps({"jobs": [{"state": next(states)}]}))

    request = Request("one", "kind", until={"jobs.0.state": ("succeeded", "failed")})
    (answer,) = play([request], ask, {})
    assert answer.document == {"jobs": [{"state": "succeeded"}]}


def test_a_body_is_text_with_references_bytes_or_repeated() -> None:
    assert Body("a${x}").to_bytes({"x": "ñ"}) == "añ".encode()
    assert Body.of_bytes(b"\xff${x}").to_bytes({"x": "y"}) == b"\xff${x}"
    assert Body(repeated=("[", "1,", 2, "1]")).to_bytes({}) == b"[1,1,1]"
