"""A text model over HTTP: every form of body, places of faults, retraining, its documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from functions.core.definition import Definition
from functions.core.tasks import VECTORIZER
from functions.local.application import local_application
from functions.local.home import Home

MODEL = "project-tags"
PREDICT = f"/models/{MODEL}/predict"
ONE = {"text": "Transfer learning with transformers for text classification."}
OTHER = {"text": "Redes convolucionales para la detección de tomates en imágenes."}


def data_of(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_texts_are_classified_in_their_order(texts: httpx.Client) -> None:
    data = data_of(texts.post(PREDICT, json={"texts": [ONE, OTHER]}))
    assert [found["label"] for found in data["predictions"]] == ["natural-language-processing", "computer-vision"]
    assert data["warnings"] == [[], []]
    for found in data["predictions"]:
        assert found["score"] == max(found["scores"].values())
        assert sum(found["scores"].values()) == pytest.approx(1)


@pytest.mark.parametrize("body", [{"texts": [ONE]}, {"instances": [ONE]}, [ONE], ONE])
def test_every_form_of_body_has_the_same_answer(texts: httpx.Client, body: Any) -> None:
    expected = data_of(texts.post(PREDICT, json={"texts": [OTHER, ONE]}))["predictions"][1]
    (found,) = data_of(texts.post(PREDICT, json=body))["predictions"]
    assert found["label"] == expected["label"]
    assert found["scores"] == pytest.approx(expected["scores"], rel=1e-12)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"texts": [ONE, {"text": 5}]}, [(["body", "texts", 1, "text"], "string_type")]),
        ({"texts": [{"text": ""}]}, [(["body", "texts", 0, "text"], "string_too_short")]),
        ({"texts": [{}, "plain"]}, [(["body", "texts", 0, "text"], "missing"), (["body", "texts", 1], "dict_type")]),
        ({"texts": ONE}, [(["body", "texts"], "list_type")]),
        ({"texts": []}, [(["body", "texts"], "too_short")]),
        ({"texts": [ONE], "instances": [ONE]}, [(["body", "texts"], "extra_forbidden")]),
        ({"texts": [ONE], "top": 3}, [(["body", "top"], "extra_forbidden")]),
        ([{"text": None}], [(["body", 0, "text"], "string_type")]),
    ],
)
def test_a_fault_is_reported_with_its_place(texts: httpx.Client, body: Any, expected: list[Any]) -> None:
    answer = texts.post(PREDICT, json=body)
    assert answer.status_code == 422
    assert [(fault["loc"], fault["type"]) for fault in answer.json()["errors"]] == expected


def test_texts_are_no_instances_of_a_table(reading: httpx.Client) -> None:
    answer = reading.post("/models/churn/predict", json={"texts": [ONE]})
    assert answer.status_code == 422
    assert ["body", "texts"] in [fault["loc"] for fault in answer.json()["errors"]]


def test_any_text_has_an_answer(texts: httpx.Client) -> None:
    documents = [" ", "\x00", "\n", "日本語", "🚀" * 1000, "word " * 20_000, "e\u0301", "\uffff"]
    data = data_of(texts.post(PREDICT, json={"texts": [{"text": text} for text in documents]}))
    assert len(data["predictions"]) == len(documents)


def test_the_arguments_show_the_learning_rate(texts: httpx.Client, texts_definition: Definition) -> None:
    assert data_of(texts.get(f"/models/{MODEL}/args/learning_rate")) == {"learning_rate": "adaptive"}
    assert data_of(texts.get(f"/models/{MODEL}/args"))["args"] == texts_definition.args


def test_a_version_has_the_vectorizer_among_its_files(texts: httpx.Client) -> None:
    assert VECTORIZER in data_of(texts.get(f"/models/{MODEL}/versions/1"))["artifacts"]


def test_a_damaged_vectorizer_is_not_served(
    home_of_texts: Home, texts_definition: Definition, connect: Any, tmp_path: Path
) -> None:
    import shutil

    home = Home(tmp_path / "home")
    shutil.copytree(home_of_texts.root, home.root)
    (path,) = home.root.rglob(VECTORIZER)
    path.write_bytes(path.read_bytes().replace(b'"lowercase":true', b'"lowercase":null'))
    client = connect(local_application(home, {MODEL: texts_definition}, base_url="http://localhost"))
    assert client.post(PREDICT, json=ONE).status_code == 503


def test_the_documentation_shows_the_form_of_texts(texts: httpx.Client) -> None:
    paths = texts.get("/openapi.json").json()["paths"]

    def forms(path: str) -> list[str]:
        body = paths[path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        return [name for form in body["anyOf"] for name in form.get("properties", {})]

    assert forms(PREDICT) == ["text", "instances", "texts"]
    assert "texts" not in forms(f"/models/{MODEL}/retrain")
