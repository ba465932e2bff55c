"""A Python client that is generated from the document, in the full trial: it sends its token where one is needed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import httpx

from functions.core.definition import Definition
from functions.inference.control.gateway_document import behind_gateway
from tests.clients.programs import INSTALL_SECONDS, python_with, run
from tools.serving import Server

PROGRAM = Path(__file__).with_name("generated_program.py")
GIVEN = "dsp_given"


def test_a_generated_client_predicts_reads_and_sends_its_token_as_the_document_says(
    server: Server, served: Mapping[str, Definition], http: httpx.Client, tmp_path: Path
) -> None:
    """The document is the one of AWS, where tokens are checked; this server ignores them."""
    python = python_with(tmp_path / "venv", "openapi-python-client")
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(behind_gateway(http.get("/openapi.json").json())))
    package = tmp_path / "despliegue_client"
    generating = ["generate", "--path", document, "--meta", "none", "--output-path", package]
    run([python.with_name("openapi-python-client"), *generating], seconds=INSTALL_SECONDS)
    program = tmp_path / PROGRAM.name
    program.write_bytes(PROGRAM.read_bytes())  # Python finds the package beside the program that it runs
    found = json.loads(run([python, program, server.url, GIVEN, json.dumps(served["churn"].examples[0])]))
    assert found["models"] == sorted(served)
    assert (found["predictions"], found["version"], found["refused"]) == (1, 1, 422)
    assert found["sent"] == [None, *[f"Bearer {GIVEN}"] * 3]
    assert ".Client" in found["open"]
    assert [one for one in found["protected"] if ".AuthenticatedClient" not in one or ".Client" in one] == []
