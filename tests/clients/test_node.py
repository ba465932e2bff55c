"""Clients in Node: its own fetch, and @huggingface/inference."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from functions.core.definition import Definition
from tests.clients.programs import node, node_packages, run
from tools.serving import Server

PROGRAMS = Path(__file__).with_name("node")


def test_the_fetch_of_node_gets_its_answers_with_a_length_and_in_chunks(
    server: Server, served: Mapping[str, Definition]
) -> None:
    body = json.dumps(served["churn"].examples[0])
    printed = run([node(), PROGRAMS / "fetch.mjs", f"{server.url}/models/churn/predict", body])
    answers = [json.loads(line) for line in printed.splitlines()]
    assert [one["status"] for one in answers] == [200] * 4
    assert len({json.dumps(one["answer"]["data"]) for one in answers}) == 1


def test_the_client_of_hugging_face_is_answered(
    server: Server, served: Mapping[str, Definition], tmp_path: Path
) -> None:
    becas, tags = served["becas"], served["project-tags"]
    asked, text = becas.examples[0], next(iter(tags.examples[0].values()))
    folder = node_packages(PROGRAMS, tmp_path)
    places = [f"{server.url}/models/{becas.hub_id}", f"{server.url}/models/project-tags"]
    printed = run([node(), "inference.mjs", *places, asked["question"], asked["context"], text], folder=folder)
    found = json.loads(printed)
    assert found["answer"]["answer"] in asked["context"]
    assert found["endpoint"] == found["answer"]  # of two answers the client gives the better one
    assert sum(one["score"] for one in found["labels"]) == pytest.approx(1)
    assert "question" in found["refusal"]
