"""huggingface_hub: the release that the environment has, and in the full trial the newest one."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from functions.core.definition import Definition
from tests.clients.programs import python_with, run
from tools.serving import Server

PROGRAM = Path(__file__).with_name("inference.py")


@pytest.mark.parametrize("is_newest", [False, True], ids=["installed", "newest"])
def test_the_client_of_hugging_face_is_answered_and_shows_why_it_is_refused(
    server: Server, served: Mapping[str, Definition], tmp_path: Path, is_newest: bool
) -> None:
    if not is_newest:
        pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed here")
    python = python_with(tmp_path / "newest", "huggingface_hub") if is_newest else sys.executable
    becas, text = served["becas"], next(iter(served["project-tags"].examples[0].values()))
    places = [
        f"{server.url}/models/{becas.hub_id}",
        *(f"{server.url}/models/{name}" for name in ("project-tags", "churn")),
    ]
    found = json.loads(run([python, PROGRAM, *places, json.dumps(becas.examples[0]), text]))
    print(found["release"])
    assert found["answer"] in becas.examples[0]["context"]
    assert found["answers"] == 2
    assert sum(found["scores"].values()) == pytest.approx(1)
    assert "must not be blank" in found["refusal"]
    assert "/models/churn/predict" in found["table"]
