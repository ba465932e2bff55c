"""Routes of the Hugging Face protocol: paths, headers, the cache, and clients that wait for a version."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from starlette.types import ASGIApp

from functions.core.definition import Definition
from functions.core.version_folder import BAKED
from functions.local.application import local_application
from functions.local.home import Home
from functions.serving.promotion import import_and_promote

PATHS = ("/models/becas", "/models/BecarIA/Longformer-SQuAD-becas-1")
TEXTS_PATH = "/models/project-tags"
TEXT = "Transfer learning with transformers for text classification."
CONTEXT = "La Beca Abono del Valle paga 900 pesos al mes. Se pide del 3 al 14 de febrero, con la CURP y el acta."
PAIR = {"question": "¿Cuánto paga la beca?", "context": CONTEXT}
Connect = Callable[[ASGIApp], httpx.Client]


@pytest.mark.parametrize("path", PATHS)
def test_one_pair_has_one_bare_answer(becas: httpx.Client, path: str) -> None:
    found = becas.post(path, json={"inputs": PAIR}, headers={"Authorization": "Bearer hf_x"})
    assert found.status_code == 200
    answer = found.json()
    assert list(answer) == ["score", "start", "end", "answer"]
    assert answer["answer"] == CONTEXT[answer["start"] : answer["end"]]
    assert '"answer":"' in found.text


def test_the_cache_knows_parameters_and_a_header_says_where_an_answer_is_from(becas: httpx.Client) -> None:
    body: dict[str, Any] = {"inputs": {**PAIR, "question": "¿Quién la pide, y cuándo?"}}
    computed = [becas.post(PATHS[0], json=body).headers["x-compute-type"] for _ in range(2)]
    assert computed == ["cpu", "cache"]
    other = becas.post(PATHS[0], json={**body, "parameters": {"max_answer_len": 2}})
    assert other.headers["x-compute-type"] == "cpu"
    assert other.headers["x-model-version"] == "1"


def test_without_a_version_the_answer_says_when_to_come_back(
    definition: Definition, tmp_path: Path, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "home")
    home.create(["becas"])
    client = connect(local_application(home, {"becas": definition}, base_url="http://localhost"))
    refused = client.post(PATHS[1], json={"inputs": PAIR})
    assert refused.status_code == 503
    assert refused.headers["retry-after"]
    assert refused.json().keys() == {"error", "estimated_time"}
    monkeypatch.setattr("functions.inference.protocols.hugging_face.routes.MODEL_WAIT_SECONDS", 0.6)
    waited = client.post(PATHS[1], json={"inputs": PAIR, "options": {"wait_for_model": True}})
    assert waited.status_code == 503


def test_both_paths_of_a_model_are_below_a_base_path(definition: Definition, tmp_path: Path, connect: Connect) -> None:
    home = Home(tmp_path / "home")
    home.create(["becas"])
    client = connect(local_application(home, {"becas": definition}, base_url="http://localhost", base_path="/ml"))
    for path in PATHS:
        # without a version, so that none has to be loaded: the protocol's own refusal shows that the path is its own
        for served in (f"/ml{path}", f"/ml{path}/", path):
            assert client.post(served, json={"inputs": PAIR}).json().keys() == {"error", "estimated_time"}
        assert client.post(f"/mlx{path}", json={"inputs": PAIR}).status_code == 404


def test_a_waiting_client_gets_the_first_version(definition: Definition, tmp_path: Path, connect: Connect) -> None:
    home = Home(tmp_path / "home")
    home.create(["becas"])
    client = connect(local_application(home, {"becas": definition}, base_url="http://localhost"))
    later = threading.Timer(0.3, import_and_promote, (home.registry, "becas", definition.folder / BAKED))
    later.start()
    answer = client.post(PATHS[1], json={"inputs": PAIR, "options": {"wait_for_model": True}})
    later.join()
    assert answer.status_code == 200


def test_errors_of_the_body_itself_have_no_envelope(texts: httpx.Client) -> None:
    assert texts.post(TEXTS_PATH, content=b"{").json().keys() == {"error"}
    refused = texts.post(TEXTS_PATH, content=b"{}", headers={"content-type": "text/csv"})
    assert (refused.status_code, refused.json().keys()) == (415, {"error"})
    large = texts.post(TEXTS_PATH, json={"inputs": "x" * 6_100_000})
    assert (large.status_code, large.json().keys()) == (413, {"error"})


SNIPPETS = {
    "curl -X POST -d": {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "curl/8.5.0"},
    "fetch in a browser or Node": {"Content-Type": "text/plain;charset=UTF-8", "Sec-Fetch-Mode": "cors"},
    "requests.post(data=)": {"User-Agent": "python-requests/2.32.3"},
}


@pytest.mark.parametrize("headers", SNIPPETS.values(), ids=SNIPPETS)
def test_the_snippets_of_hugging_face_are_answered_as_they_are(texts: httpx.Client, headers: dict[str, str]) -> None:
    """Their pages send `{"inputs": ...}` with an Authorization header alone, and the client adds a content type."""
    content = orjson.dumps({"inputs": TEXT})
    asked = texts.post(TEXTS_PATH, content=content, headers={"Authorization": "Bearer hf_x", **headers})
    assert asked.status_code == 200, asked.text
    assert asked.content == texts.post(TEXTS_PATH, json={"inputs": TEXT}).content


def test_a_real_form_is_refused_as_the_json_that_it_is_not(texts: httpx.Client) -> None:
    refused = texts.post(TEXTS_PATH, data={"inputs": TEXT})
    assert refused.status_code == 422
    assert "JSON" in refused.json()["error"]


def test_the_content_types_of_snippets_are_taken_on_these_paths_only(texts: httpx.Client) -> None:
    for headers in SNIPPETS.values():
        refused = texts.post(f"{TEXTS_PATH}/predict", json={"text": TEXT}, headers=headers)
        assert refused.status_code == (415 if "Content-Type" in headers else 200)


def test_an_equal_request_is_answered_from_the_cache_unless_it_declines(texts: httpx.Client) -> None:
    body: dict[str, Any] = {"inputs": "Un texto que nadie más pregunta."}
    first, second = (texts.post(TEXTS_PATH, json=body) for _ in range(2))
    assert [one.headers["x-compute-type"] for one in (first, second)] == ["cpu", "cache"]
    assert first.content == second.content
    assert texts.post(TEXTS_PATH, json={**body, "options": {"use_cache": False}}).headers["x-compute-type"] == "cpu"
    assert texts.post(TEXTS_PATH, json=body, headers={"X-Use-Cache": "0"}).headers["x-compute-type"] == "cpu"


def test_a_table_has_no_route_of_this_protocol_and_its_client_learns_the_one_it_has(reading: httpx.Client) -> None:
    answer = reading.post("/models/churn", json={"inputs": {"table": {}}})
    advice = "churn does tabular-classification, which is asked by POST /models/churn/predict"
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.headers["x-error-message"] == advice
    assert answer.json()["errors"][0]["msg"].endswith(advice)


@pytest.mark.parametrize("path", ["/models/nobody/nothing", "/models/becas/nothing"])
def test_an_unknown_id_is_answered_in_the_form_of_the_protocol(becas: httpx.Client, path: str) -> None:
    found = becas.post(path, json={"inputs": PAIR})
    assert found.status_code == 404
    assert found.json() == {
        "error": f"no model {path.removeprefix('/models/')!r}; known: becas, BecarIA/Longformer-SQuAD-becas-1"
    }


def test_resources_of_a_model_keep_their_own_answers(becas: httpx.Client) -> None:
    assert becas.post("/models/becas/versions", json={}).status_code == 405
    assert becas.get("/models/nobody/nothing").status_code == 404
    assert "errors" in becas.post("/models/becas/retrain", json=[PAIR]).json()


def test_a_page_of_an_allowed_origin_may_ask(definition: Definition, tmp_path: Path, connect: Connect) -> None:
    home = Home(tmp_path / "home")
    home.create(["becas"])
    origin = "http://localhost:3000"
    application = local_application(home, {"becas": definition}, base_url="http://localhost", allowed_origins={origin})
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    headers = {**asked, "Access-Control-Request-Headers": "authorization,content-type,x-use-cache,x-wait-for-model"}
    for path in PATHS:
        preflight = connect(application).options(path, headers=headers)
        assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (200, origin)
