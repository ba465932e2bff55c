"""A question-answering model over HTTP: predict, and the Hugging Face Inference API beside it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from functions.core.definition import Definition
from functions.core.model_folder import load_definition
from functions.core.version_folder import BAKED
from functions.local.application import local_application
from functions.local.home import Home
from functions.serving.promotion import import_and_promote

PATHS = ("/models/becas", "/models/BecarIA/Longformer-SQuAD-becas-1")
QUESTION = "¿Cuánto paga la beca?"
CONTEXT = "La Beca Abono del Valle paga 900 pesos al mes. Se pide del 3 al 14 de febrero, con la CURP y el acta."
PAIR = {"question": QUESTION, "context": CONTEXT}
Connect = Callable[[ASGIApp], httpx.Client]


@pytest.fixture(scope="module")
def definition(root: Path) -> Definition:
    return load_definition(root / "models" / "becas")


@pytest.fixture(scope="module")
def becas(definition: Definition, tmp_path_factory: pytest.TempPathFactory, connect: Connect) -> httpx.Client:
    home = Home(tmp_path_factory.mktemp("becas"))
    home.create(["becas"])
    import_and_promote(home.registry, "becas", definition.folder / BAKED)
    return connect(local_application(home, {"becas": definition}, base_url="http://localhost"))


def answer_of(becas: httpx.Client, body: Any, path: str = PATHS[0]) -> Any:
    found = becas.post(path, json=body)
    assert found.status_code == 200, found.text
    return found.json()


@pytest.mark.parametrize("path", PATHS)
def test_one_pair_has_one_bare_answer(becas: httpx.Client, path: str) -> None:
    found = becas.post(path, json={"inputs": PAIR}, headers={"Authorization": "Bearer hf_x"})
    assert found.status_code == 200
    answer = found.json()
    assert list(answer) == ["score", "start", "end", "answer"]
    assert answer["answer"] == CONTEXT[answer["start"] : answer["end"]]
    assert '"answer":"' in found.text


def test_both_protocols_give_the_same_answer(becas: httpx.Client) -> None:
    bare = answer_of(becas, {"inputs": PAIR})
    data = becas.post("/models/becas/predict", json=PAIR).json()["data"]
    assert data["predictions"] == [bare]
    assert data["warnings"] == [[]]


def test_predict_takes_several_pairs_in_every_form(becas: httpx.Client) -> None:
    pairs = [PAIR, {"question": "¿Qué se pide?", "context": CONTEXT}, PAIR]
    expected = [answer_of(becas, {"inputs": pair}) for pair in pairs]
    assert answer_of(becas, {"inputs": pairs}) == expected
    for body in (pairs, {"instances": pairs}):
        assert becas.post("/models/becas/predict", json=body).json()["data"]["predictions"] == expected


def test_more_answers_come_as_a_list_the_best_first(becas: httpx.Client) -> None:
    found = answer_of(becas, {"inputs": PAIR, "parameters": {"top_k": 3}})
    assert len(found) == 3
    scores = [one["score"] for one in found]
    assert scores == sorted(scores, reverse=True)
    assert found[0] == answer_of(becas, {"inputs": PAIR})


def test_a_long_context_is_read_in_windows(becas: httpx.Client) -> None:
    context = "Nada que ver aquí. " * 300 + CONTEXT
    parameters = {"max_seq_len": 128, "doc_stride": 32}
    found = answer_of(becas, {"inputs": {**PAIR, "context": context}, "parameters": parameters})
    assert found["answer"] == context[found["start"] : found["end"]]


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"inputs": {"question": "", "context": CONTEXT}}, 422, "inputs.question: must not be empty"),
        ({"inputs": {"question": " ", "context": CONTEXT}}, 422, "inputs.question: "),
        ({"inputs": {"question": QUESTION}}, 422, "inputs.context: field required"),
        ({"inputs": [PAIR, {**PAIR, "context": "\ud800"}]}, 422, ""),
        ({"inputs": [PAIR, {**PAIR, "context": 5}]}, 422, "inputs.1.context: "),
        ({"inputs": {**PAIR, "question": "beca " * 200}}, 422, "inputs.question: "),
        ({"inputs": PAIR, "parameters": {"top_k": 0}}, 422, "parameters.top_k: must be at least 1"),
        ({"inputs": PAIR, "parameters": {"max_seq_len": 10**6}}, 422, "parameters.max_seq_len: must be at most"),
        ({"inputs": PAIR, "parameters": {"temperature": 1}}, 422, "parameters.temperature: unknown"),
        ({"inputs": {**PAIR, "context": "a b " * 500_000}}, 413, "characters are more than"),
        ({"inputs": {**PAIR, "context": "año " * 20_000}}, 413, "tokens in"),
    ],
)
def test_errors_are_bare_and_say_where(becas: httpx.Client, body: Any, status: int, error: str) -> None:
    # json of the standard library writes a lone surrogate as an escape, as a careless client would
    found = becas.post(PATHS[0], content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert found.status_code == status, found.text
    assert found.json().keys() == {"error"}
    assert error in found.json()["error"]


def test_hostile_texts_are_text(becas: httpx.Client) -> None:
    for context in ("</s></s>" * 50 + CONTEXT, "<s>", "\x00", "x" * 100_000, "👩‍👩‍👧‍👦 " * 300, "e\u0301\r\n\t" * 100):
        found = becas.post(PATHS[0], json={"inputs": {"question": "</s> ¿qué?", "context": context}})
        assert found.status_code in (200, 413, 422), found.text
        if found.status_code == 200:
            answer = found.json()
            assert answer["answer"] == context[answer["start"] : answer["end"]]


def test_the_cache_knows_parameters_and_is_told_in_a_header(becas: httpx.Client) -> None:
    body: dict[str, Any] = {"inputs": {**PAIR, "question": "¿Quién la pide, y cuándo?"}}
    computed = [becas.post(PATHS[0], json=body).headers["x-compute-type"] for _ in range(2)]
    assert computed == ["cpu", "cache"]
    other = becas.post(PATHS[0], json={**body, "parameters": {"max_answer_len": 2}})
    assert other.headers["x-compute-type"] == "cpu"
    assert other.headers["x-model-version"] == "1"


def test_without_a_version_the_client_hears_when_to_come_back(
    definition: Definition, tmp_path: Path, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "home")
    home.create(["becas"])
    client = connect(local_application(home, {"becas": definition}, base_url="http://localhost"))
    refused = client.post(PATHS[1], json={"inputs": PAIR})
    assert refused.status_code == 503
    assert refused.headers["retry-after"]
    assert refused.json().keys() == {"error", "estimated_time"}
    monkeypatch.setattr("functions.inference.protocols.hugging_face.router.MODEL_WAIT_SECONDS", 0.6)
    waited = client.post(PATHS[1], json={"inputs": PAIR, "options": {"wait_for_model": True}})
    assert waited.status_code == 503


def test_a_waiting_client_gets_the_first_version(definition: Definition, tmp_path: Path, connect: Connect) -> None:
    home = Home(tmp_path / "home")
    home.create(["becas"])
    client = connect(local_application(home, {"becas": definition}, base_url="http://localhost"))
    later = threading.Timer(0.3, import_and_promote, (home.registry, "becas", definition.folder / BAKED))
    later.start()
    answer = client.post(PATHS[1], json={"inputs": PAIR, "options": {"wait_for_model": True}})
    later.join()
    assert answer.status_code == 200


def test_the_catalogue_describes_it(becas: httpx.Client) -> None:
    details = becas.get("/models/becas").json()["data"]
    assert (details["task"], details["retrainable"], details["version"]) == ("question-answering", False, 1)
    assert details["hub_id"] == "BecarIA/Longformer-SQuAD-becas-1"
    assert set(details["schema"]["properties"]) == {"question", "context"}
    paths = becas.get("/openapi.json").json()["paths"]
    assert {"/models/becas/predict", *PATHS} <= paths.keys()
    assert becas.get("/models/becas/performance").status_code == 200
    assert becas.get("/models/becas/args").status_code == 200


def test_it_is_not_retrained_here(becas: httpx.Client) -> None:
    refused = becas.post("/models/becas/retrain", json=[PAIR])
    assert refused.status_code == 409
