"""The HTTP client of Java 11 and later, which offers HTTP/2 on every plain connection."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from functions.core.definition import Definition
from tests.clients.programs import program, run
from tools.serving import Server

SOURCE = Path(__file__).with_name("TwoPredictions.java")


def test_javas_default_client_gets_its_answers_with_a_length_and_in_chunks(
    server: Server, served: Mapping[str, Definition]
) -> None:
    body = json.dumps(served["churn"].examples[0])
    printed = run([program("java"), SOURCE, f"{server.url}/models/churn/predict", body])
    answers = [line.split(" ", 2) for line in printed.splitlines()]
    assert [answer[:2] for answer in answers] == [["200", "HTTP_1_1"]] * 4
    assert len({json.dumps(json.loads(answer[2])["data"]) for answer in answers}) == 1
