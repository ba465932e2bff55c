"""POST /models/{model}/predict: every form of body, good and bad, for every model."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from tools.replay.mutations import broken_texts, mutations
from tools.replay.requests import JSON_BODY, LAPTOP, PREDICT, Body, Request, json_body
from tools.replay.samples import Model, Row

MUTATIONS = 40
MUTATIONS_ON_LAMBDA = 6
TOO_MANY = 10_001
TOO_LONG = 6_000_001
"""One byte more than a model's default limit."""
GOOD, BAD = "predict: good", "predict: bad"


def predict_requests(models: Mapping[str, Model]) -> Iterator[Request]:
    for model in models.values():
        everything = [*_good(model), *_broken(model), *_mutated(model, MUTATIONS)]
        yield from everything
        yield from _too_much(model)
        yield from _headers(model)
        yield from _on_lambda(model, [*_good(model), *_broken(model), *_mutated(model, MUTATIONS_ON_LAMBDA)])
    yield from _elsewhere(models)


def _post(model: Model, what: str, body: Body, kind: str, headers: Mapping[str, str] | None = None) -> Request:
    sent = JSON_BODY if headers is None else headers
    path = f"/models/{model.name}/predict"
    return Request(f"predict {model.name}: {what}", kind, method="POST", target=path, headers=sent, body=body)


def _good(model: Model) -> Iterator[Request]:
    rows = list(model.examples)
    for number, row in enumerate(rows):
        yield _post(model, f"example {number}", json_body(row), GOOD)
    yield _post(model, "an array", json_body(rows), GOOD)
    yield _post(model, "instances", json_body({"instances": rows}), GOOD)
    yield _post(model, "instances backwards", json_body({"instances": rows[::-1]}), GOOD)
    yield _post(model, "one instance fifty times", json_body([rows[0]] * 50), GOOD)
    if model.task == "text-classification":
        yield _post(model, "texts of examples", json_body({"texts": rows}), GOOD)
        yield _post(model, "texts of texts", json_body({"texts": [next(iter(row.values())) for row in rows]}), GOOD)
    if model.sample:
        yield _post(model, "rows of the sample with their labels", json_body(list(model.sample[:3])), BAD)
    for name in ("id", "customerid"):
        for value in ("a", 7, 2**60, 1.5, None, ["a"]):
            yield _post(model, f"{name} {json.dumps(value)}", json_body({**rows[0], name: value}), GOOD)


def _broken(model: Model) -> Iterator[Request]:
    for what, text in broken_texts(model.examples[0]):
        yield _post(model, what, Body(text), BAD)
    good = json.dumps(model.examples[0], ensure_ascii=False)
    yield _post(model, "UTF-16", Body.of_bytes(good.encode("utf-16")), BAD)
    yield _post(model, "Latin-1", Body.of_bytes(f'{good[:-1]}, "año": 1}}'.encode("latin-1")), BAD)


def _mutated(model: Model, count: int) -> Iterator[Request]:
    for mutation in mutations(model.examples[0], count):
        yield _post(model, mutation.name, json_body(mutation.row), "predict: mutated")
    worst: list[Row] = [{name: [] for name in row} | {"more": 1} for row in model.examples]
    yield _post(model, "everything wrong", json_body(worst), BAD)
    first, *_ = mutations(model.examples[0], 1)
    yield _post(model, "one wrong among several", json_body([*model.examples, first.row]), BAD)


def _too_much(model: Model) -> Iterator[Request]:
    row = json.dumps(model.examples[0])
    many = Body(repeated=("[", f"{row},", TOO_MANY - 1, f"{row}]")) if len(row) * TOO_MANY < TOO_LONG else None
    small = Body(repeated=("[", "{},", TOO_MANY - 1, "{}]"))
    yield _post(model, "too many instances", many or small, BAD)
    announced = {**JSON_BODY, "Content-Length": str(TOO_LONG)}
    yield _post(model, "a length that is too long", Body("{}"), BAD, announced)
    chunked = {**JSON_BODY, "Transfer-Encoding": "chunked"}
    yield _post(model, "chunks that are too long", Body(repeated=("", " ", TOO_LONG, "")), BAD, chunked)
    yield _post(model, "in chunks", json_body(model.examples[0]), GOOD, chunked)


def _headers(model: Model) -> Iterator[Request]:
    body = json_body(model.examples[0])
    kinds = (
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8; version=1",
        "APPLICATION/JSON",
        "application/vnd.api+json",
        "application/json; charset=latin-1",
        "application/json; charset=utf-16",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
    )
    for kind in kinds:
        yield _post(model, f"content type {kind or 'empty'}", body, "content type", {"Content-Type": kind})
    yield _post(model, "no content type", body, "content type", {})
    for encoding in ("gzip", "identity", "br", ""):
        headers = {**JSON_BODY, "Content-Encoding": encoding}
        yield _post(model, f"content encoding {encoding or 'empty'}", body, "content type", headers)
    packed = Body.of_bytes(gzip.compress(json.dumps(model.examples[0]).encode(), mtime=0))
    yield _post(model, "gzip", packed, "content type", {**JSON_BODY, "Content-Encoding": "gzip"})
    others = {
        "Origin": "https://elsewhere.example",
        "Accept": "text/html",
        "Accept-Encoding": "gzip",
        "X-Request-Id": "a",
    }
    yield _post(model, "headers that do not matter", body, GOOD, {**JSON_BODY, **others})


def _on_lambda(model: Model, requests: list[Request]) -> Iterator[Request]:
    headed = [one for one in _headers(model) if one.body.base64 or "charset" in one.name or "plain" in one.name]
    for one in [*requests, *headed]:
        yield replace(one, name=f"Lambda {one.name}", kind=f"Lambda {one.kind}", door=f"{PREDICT}{model.name}")


def _elsewhere(models: Mapping[str, Model]) -> Iterator[Request]:
    """Other spellings of the path, and paths that lead nowhere."""
    for model in models.values():
        body = json_body(model.examples[0])
        good = _post(model, "", body, "path")
        for what, path in (
            ("a slash after it", f"/models/{model.name}/predict/"),
            ("many slashes after it", f"/models/{model.name}/predict///"),
            ("a query that nobody reads", f"/models/{model.name}/predict?a=1&b="),
            ("two slashes within", f"/models//{model.name}/predict"),
            ("in capitals", f"/models/{model.name.upper()}/predict"),
            ("in escapes", f"/models/{'%' + format(ord(model.name[0]), 'x')}{model.name[1:]}/predict"),
            ("more after it", f"/models/{model.name}/predict/more"),
        ):
            yield replace(good, name=f"predict {model.name}: {what}", target=path)
        for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
            name = f"predict {model.name}: {method}"
            yield Request(name, "wrong method", LAPTOP, method, f"/models/{model.name}/predict")
    churn = json_body(models["churn"].examples[0])
    for path in ("/predict", "/predict/", "/models/nothing/predict", "/models/a%2Fb/predict", "/models/%00/predict"):
        yield Request(f"predict at {path}", "path", LAPTOP, "POST", path, JSON_BODY, churn)
