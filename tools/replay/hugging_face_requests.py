"""The Hugging Face protocol: inputs, parameters and options, of models with it and of models without it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from tools.replay.requests import JSON_BODY, PREDICT, Body, Request, json_body
from tools.replay.samples import Model

KIND = "Hugging Face"
ANSWERING_PARAMETERS: tuple[dict[str, Any], ...] = (
    {},
    {"top_k": 1},
    {"top_k": 3},
    {"top_k": 3.0},
    {"top_k": 0},
    {"top_k": -1},
    {"top_k": "3"},
    {"top_k": True},
    {"top_k": 1_000},
    {"top_k": None},
    {"max_answer_len": 1},
    {"max_answer_len": 2, "top_k": 2},
    {"max_answer_len": 0},
    {"max_seq_len": 64, "doc_stride": 16},
    {"max_seq_len": 16, "doc_stride": 16},
    {"max_seq_len": 100_000},
    {"max_seq_len": 4},
    {"doc_stride": -1},
    {"max_question_len": 4},
    {"max_question_len": 0},
    {"handle_impossible_answer": True},
    {"handle_impossible_answer": False},
    {"handle_impossible_answer": "yes"},
    {"align_to_words": False},
    {"align_to_words": 1},
    {"topk": 1, "unknown": 2},
    {"top_k": 0, "doc_stride": "a", "max_answer_len": []},
)
CLASSIFYING_PARAMETERS: tuple[dict[str, Any], ...] = (
    {},
    {"top_k": 1},
    {"top_k": 2.0},
    {"top_k": 100},
    {"top_k": 0},
    {"top_k": "1"},
    {"top_k": False},
    {"top_k": None},
    {"function_to_apply": None},
    {"function_to_apply": "softmax"},
    {"unknown": 1, "top_k": 1.5},
)
OPTIONS: tuple[Any, ...] = (
    {},
    None,
    {"use_cache": True},
    {"use_cache": False},
    {"wait_for_model": True},
    {"wait_for_model": False, "use_cache": False, "use_gpu": True},
    {"use_cache": "no"},
    {"wait_for_model": 1, "unknown": 2},
    [],
    "none",
)
ODD_INPUTS: tuple[Any, ...] = (
    None,
    5,
    "",
    [],
    {},
    [[]],
    [None],
    ["a", ""],
    {"question": "¿?"},
    {"question": "", "context": ""},
)
HEADERS: tuple[dict[str, str], ...] = (
    {"X-Use-Cache": "0"},
    {"X-Use-Cache": "false", "X-Wait-For-Model": "true"},
    {"X-Use-Cache": "perhaps"},
)


def hugging_face_requests(models: Mapping[str, Model]) -> Iterator[Request]:
    for model in models.values():
        asked = [*_requests(model)]
        yield from asked
        if model.task in PARAMETERS:
            for one in asked:
                yield replace(one, name=f"Lambda {one.name}", kind=f"Lambda {one.kind}", door=f"{PREDICT}{model.name}")
            yield from _paths(model)


def _requests(model: Model) -> Iterator[Request]:
    good = _inputs(model)
    for number, inputs in enumerate((*good, good, good[::-1])):
        for again in ("", " again"):
            yield _post(model, f"inputs {number}{again}", json_body({"inputs": inputs}))
    if model.task in PARAMETERS:
        yield from _odd_inputs(model, good)
        yield from _parts(model, "parameters", good[0], (*PARAMETERS[model.task], None, [], "none", 5))
        yield from _parts(model, "options", good[0], OPTIONS)
        yield from _headed(model, good[0])


def _odd_inputs(model: Model, good: list[Any]) -> Iterator[Request]:
    for inputs in (*ODD_INPUTS, [good[0], 5]):
        yield _post(model, f"inputs {json.dumps(inputs)}", json_body({"inputs": inputs}))
    yield _post(model, "parameters for a list", json_body({"inputs": good, "parameters": {"top_k": 2}}))
    for what, text in _broken(good[0]):
        yield _post(model, what, Body(text))


def _parts(model: Model, part: str, inputs: Any, values: Iterable[Any]) -> Iterator[Request]:
    for value in values:
        yield _post(model, f"{part} {json.dumps(value)}", json_body({"inputs": inputs, part: value}))


def _headed(model: Model, inputs: Any) -> Iterator[Request]:
    good = _post(model, "", json_body({"inputs": inputs}))
    for headers in HEADERS:
        yield replace(good, name=f"{good.name}headers {json.dumps(headers)}", headers={**JSON_BODY, **headers})
    yield replace(good, name=f"{good.name}plain text", headers={"Content-Type": "text/plain"})


def _broken(inputs: Any) -> list[tuple[str, str]]:
    good = json.dumps({"inputs": inputs})
    return [
        ("nothing at all", ""),
        ("no inputs", "{}"),
        ("an array", f"[{good}]"),
        ("cut off", good[:-4]),
        ("repeated inputs", f'{good[:-1]}, "inputs": "a"}}'),
        ("unknown keys", f'{good[:-1]}, "more": 1, "other": 2}}'),
        ("nested too deeply", '{"inputs": ' + "[" * 900 + "]" * 900 + "}"),
        ("instances", f'{{"instances": [{json.dumps(inputs)}]}}'),
    ]


def _paths(model: Model) -> Iterator[Request]:
    body = json_body({"inputs": _inputs(model)[0]})
    paths = [f"/models/{model.name}/", f"/models/{model.name}?a=1"]
    if model.hub_id is not None:
        owner, name = model.hub_id.split("/")
        paths += [
            f"/models/{model.hub_id}",
            f"/models/{model.hub_id}/",
            f"/models/{owner}%2F{name}",
            f"/models/{owner}/{name.lower()}",
            f"/models/{owner}/other",
        ]
    for path in paths:
        yield Request(f"Hugging Face at {path}", KIND, method="POST", target=path, headers=JSON_BODY, body=body)
    if model.hub_id is not None:
        for method in ("GET", "HEAD", "PUT", "OPTIONS"):
            yield Request(
                f"Hugging Face: {method} {model.hub_id}",
                "wrong method",
                method=method,
                target=f"/models/{model.hub_id}",
            )
        event = Request(
            f"Lambda Hugging Face at {model.hub_id}",
            f"Lambda {KIND}",
            f"{PREDICT}{model.name}",
            "POST",
            f"/models/{model.hub_id}",
            JSON_BODY,
            body,
        )
        yield event


def _post(model: Model, what: str, body: Body) -> Request:
    return Request(
        f"Hugging Face {model.name}: {what}",
        KIND,
        method="POST",
        target=f"/models/{model.name}",
        headers=JSON_BODY,
        body=body,
    )


def _inputs(model: Model) -> list[Any]:
    """Examples as clients of the task write them: plain texts for a text classification, objects otherwise."""
    if model.task == "text-classification":
        return [next(iter(row.values())) for row in model.examples]
    return list(model.examples)


PARAMETERS: Mapping[str, tuple[dict[str, Any], ...]] = {
    "question-answering": ANSWERING_PARAMETERS,
    "text-classification": CLASSIFYING_PARAMETERS,
}
"""Parameters to try, good and bad, for each task that has the protocol."""
