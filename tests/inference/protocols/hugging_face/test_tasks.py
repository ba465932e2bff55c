"""Both tasks of the Hugging Face protocol over HTTP, compared with the project's own protocol."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from functions.inference.protocols.hugging_face.tasks import asked_rows

PAIRS_PATH = "/models/becas"
HUB_PATH = "/models/BecarIA/Longformer-SQuAD-becas-1"
TEXTS_PATH = "/models/project-tags"
QUESTION = "¿Cuánto paga la beca?"
CONTEXT = "La Beca Abono del Valle paga 900 pesos al mes. Se pide del 3 al 14 de febrero, con la CURP y el acta."
PAIR = {"question": QUESTION, "context": CONTEXT}
TEXT = "Transfer learning with transformers for text classification."
OTHER_TEXT = "Redes convolucionales para la detección de tomates en imágenes."
Connect = Callable[[ASGIApp], httpx.Client]


def answer_of(becas: httpx.Client, body: Any, path: str = PAIRS_PATH) -> Any:
    answer = becas.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


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
    # the empty answer has its place by the threshold of the version
    scores = [one["score"] for one in found if one["answer"]]
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
        ({"inputs": {**PAIR, "context": "año " * 100_000}}, 413, "tokens in"),
    ],
)
def test_errors_of_pairs_have_no_envelope_and_name_the_place(
    becas: httpx.Client, body: Any, status: int, error: str
) -> None:
    # json of the standard library writes a lone surrogate as an escape, as a careless client would
    found = becas.post(PAIRS_PATH, content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert found.status_code == status, found.text
    assert found.json().keys() == {"error"}
    assert error in found.json()["error"]


@pytest.mark.parametrize("context", [CONTEXT, [CONTEXT, CONTEXT]], ids=["one context", "a context for each"])
def test_lists_of_questions_are_answered_in_their_order(becas: httpx.Client, context: object) -> None:
    questions = [QUESTION, "¿Qué se pide?"]
    expected = [answer_of(becas, {"inputs": {"question": one, "context": CONTEXT}}) for one in questions]
    assert answer_of(becas, {"inputs": {"question": questions, "context": context}}) == expected


@pytest.mark.parametrize(
    ("inputs", "error"),
    [
        ({"question": [QUESTION], "context": [CONTEXT, CONTEXT]}, "inputs.context: 2 contexts for 1 questions: send"),
        ({"question": [QUESTION, ""], "context": CONTEXT}, "inputs.1.question: must not be empty"),
        ({"question": [], "context": CONTEXT}, "inputs: send at least one instance"),
    ],
)
def test_faults_of_lists_have_their_place(becas: httpx.Client, inputs: object, error: str) -> None:
    found = becas.post(PAIRS_PATH, json={"inputs": inputs})
    assert (found.status_code, found.json()["error"][: len(error)]) == (422, error)


def test_other_names_beside_several_questions_are_refused_once_as_beside_one(becas: httpx.Client) -> None:
    named = {"context": CONTEXT, "answer": "900", "id": 7}
    one, several = (becas.post(PAIRS_PATH, json={"inputs": {**named, "question": asked}}) for asked in ("a", ["a"] * 9))
    assert (several.status_code, several.json()) == (one.status_code, one.json())
    assert several.json()["error"].count("unknown field") == 2


def test_other_names_are_not_copied_for_each_of_many_questions(becas: httpx.Client) -> None:
    others = {f"k{number}": 1 for number in range(3_000)}
    body = {"inputs": {"question": ["a"] * 3_000, "context": CONTEXT, **others}}
    tracemalloc.start()
    try:
        assert becas.post(PAIRS_PATH, json=body).status_code == 422
        _, most_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most_bytes < 30_000_000, "a copy for each question takes 400 MB"


@pytest.mark.parametrize("context", [CONTEXT, ["a"]], ids=["one context", "another number of contexts"])
def test_more_questions_than_the_limit_are_too_large(becas: httpx.Client, context: object) -> None:
    answer = becas.post(PAIRS_PATH, json={"inputs": {"question": ["a"] * 10_001, "context": context}})
    assert answer.status_code == 413
    assert answer.json() == {"error": "10001 instances are more than 10000: send them in parts"}


@pytest.mark.parametrize(
    ("inputs", "rows"),
    [
        (PAIR, 1),
        ([PAIR, PAIR], 2),
        ({"question": ["a", "b", "c"], "context": CONTEXT}, 3),
        (TEXT, 1),
        ([TEXT, OTHER_TEXT], 2),
    ],
)
def test_every_question_and_text_is_a_row(inputs: object, rows: int) -> None:
    assert asked_rows(inputs) == rows


def test_seven_questions_on_one_ordinary_page_are_answered(becas: httpx.Client) -> None:
    page = "La secretaría atiende de lunes a viernes. " * 60 + CONTEXT
    found = answer_of(becas, {"inputs": {"question": [QUESTION] * 7, "context": page}})
    assert len(found) == 7


@pytest.mark.parametrize(
    "body",
    [
        {"inputs": "Me gusta."},
        {"inputs": TEXT, "parameters": {"candidate_labels": ["a", "b"]}},
        {"inputs": PAIR, "parameters": {"candidate_labels": ["a", "b"]}},
        {"inputs": {"table": {"a": ["b"]}, "query": "c"}},
    ],
)
def test_who_asks_for_another_task_learns_the_one_it_has(becas: httpx.Client, body: object) -> None:
    found = becas.post(PAIRS_PATH, json=body)
    assert found.status_code == 422
    assert found.json()["error"].endswith("this model does question-answering")


def test_who_asks_a_text_model_a_question_learns_its_task(texts: httpx.Client) -> None:
    found = texts.post(TEXTS_PATH, json={"inputs": PAIR})
    assert found.status_code == 422
    assert found.json()["error"].endswith("this model does text-classification")


def test_hostile_texts_are_text(becas: httpx.Client) -> None:
    for context in ("</s></s>" * 50 + CONTEXT, "<s>", "\x00", "x" * 100_000, "👩‍👩‍👧‍👦 " * 300, "e\u0301\r\n\t" * 100):
        found = becas.post(PAIRS_PATH, json={"inputs": {"question": "</s> ¿qué?", "context": context}})
        assert found.status_code in (200, 413, 422), found.text
        if found.status_code == 200:
            answer = found.json()
            assert answer["answer"] == context[answer["start"] : answer["end"]]


def test_the_catalogue_describes_it(becas: httpx.Client) -> None:
    details = becas.get("/models/becas").json()["data"]
    assert (details["task"], details["retrainable"], details["version"]) == ("question-answering", False, 1)
    assert details["hub_id"] == "BecarIA/Longformer-SQuAD-becas-1"
    assert set(details["schema"]["properties"]) == {"question", "context"}
    paths = becas.get("/openapi.json").json()["paths"]
    assert {"/models/becas/predict", PAIRS_PATH, HUB_PATH} <= paths.keys()
    assert becas.get("/models/becas/performance").status_code == 200
    assert becas.get("/models/becas/args").status_code == 200


def test_it_is_not_retrained_here(becas: httpx.Client) -> None:
    refused = becas.post("/models/becas/retrain", json=[PAIR])
    assert refused.status_code == 409


def test_labels_come_without_envelope_and_by_score(texts: httpx.Client) -> None:
    answer = texts.post(TEXTS_PATH, json={"inputs": TEXT})
    assert answer.status_code == 200
    assert answer.headers["x-model-version"] == "1"
    (found,) = answer.json()
    assert found[0]["label"] == "natural-language-processing"
    scores = [one["score"] for one in found]
    assert scores == sorted(scores, reverse=True)
    predicted = texts.post(f"{TEXTS_PATH}/predict", json={"text": TEXT}).json()["data"]["predictions"][0]
    assert {one["label"]: one["score"] for one in found} == predicted["scores"]


def test_several_texts_keep_their_order(texts: httpx.Client) -> None:
    found = texts.post(TEXTS_PATH, json={"inputs": [TEXT, OTHER_TEXT, TEXT], "parameters": {"top_k": 1}}).json()
    labels = [one["label"] for (one,) in found]
    assert labels == ["natural-language-processing", "computer-vision", "natural-language-processing"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"inputs": ""}, "inputs: must not be empty"),
        ({"inputs": [TEXT, 5]}, "inputs.1: "),
        ({"inputs": {"text": TEXT}}, "inputs: "),
        ({"inputs": []}, "inputs: send at least one instance"),
        ({"inputs": TEXT, "parameters": {"top_k": 0}}, "parameters.top_k: a whole number from 1 is expected"),
        ({"inputs": TEXT, "parameters": {"top_k": True}}, "parameters.top_k: a whole number from 1 is expected"),
        (
            {"inputs": TEXT, "parameters": {"candidate_labels": []}},
            "parameters.candidate_labels: unknown; known: top_k",
        ),
        ({"inputs": TEXT, "parameters": {"function_to_apply": "none"}}, "parameters.function_to_apply: the scores are"),
        ({"text": TEXT}, "text: unknown; known: inputs, parameters, options; inputs: missing"),
    ],
)
def test_errors_of_texts_have_no_envelope_and_name_the_place(texts: httpx.Client, body: Any, error: str) -> None:
    answer = texts.post(TEXTS_PATH, json=body)
    assert answer.status_code == 422
    assert answer.json().keys() == {"error"}
    assert error in answer.json()["error"]


def test_more_texts_than_the_limit_are_too_large(texts: httpx.Client) -> None:
    answer = texts.post(TEXTS_PATH, json={"inputs": ["a"] * 10_001})
    assert answer.status_code == 413
    assert answer.json() == {"error": "10001 instances are more than 10000: send them in parts"}
