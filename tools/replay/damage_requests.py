"""A new deployment: with an empty registry, after the import, and with records damaged one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from tools.replay.requests import CONTROL, JSON_BODY, NEW, PREDICT, STORE, Body, Request, json_body
from tools.replay.samples import Model
from tools.replay.store import IMPORTED

KIND = "new deployment"
READ = (
    "",
    "/versions",
    "/versions/1",
    "/production",
    "/history",
    "/performance",
    "/args",
    "/jobs",
    f"/jobs/{'a' * 32}",
)
NEWER = '{"format_version": 99}'
DAMAGES: tuple[tuple[str, str, str], ...] = (
    ("churn", "production.json", "{"),
    ("churn", "history/1.json", "[]"),
    ("churn", "jobs/" + "a" * 32 + ".json", '{"job": 5}'),
    ("churn", "versions/1/performance.json", "{}"),
    ("car-price", "versions/1/manifest.json", "{}"),
    ("car-price", "production.json", '{"version": "one"}'),
    ("project-tags", "versions/1/manifest.json", NEWER),
    ("project-tags", "versions/1/vectorizer.json", "{}"),
    ("becas", "versions/1/answering.json", "null"),
    ("becas", "production.json", ""),
)
"""The model, the record, and its damaged content."""


def before_the_import(models: Mapping[str, Model]) -> Iterator[Request]:
    for model in models.values():
        yield from _asked(model, "before the import")
        yield _promotion(model, "before the import")


def after_the_import(models: Mapping[str, Model]) -> Iterator[Request]:
    for model in models.values():
        yield from _asked(model, "after the import")


def damaged_requests(models: Mapping[str, Model]) -> Iterator[Request]:
    """Each damage, then every request that may read the record, then a promotion."""
    for name, record, text in DAMAGES:
        when = f"with a damaged {record}"
        target = f"{IMPORTED}/models/{name}/{record}"
        yield Request(f"damage {record} of {name}", "stored", STORE, target=target, body=Body(text))
        yield from _asked(models[name], when)
        yield _promotion(models[name], when)
        yield from (replace(one, name=f"{one.name}, promoted") for one in _asked(models[name], when))
    for path in ("/models", "/openapi.json"):
        yield Request(f"new: {path} with damages", KIND, f"{CONTROL}{NEW}", target=path, is_document=True)


def _asked(model: Model, when: str) -> Iterator[Request]:
    for rest in READ:
        yield Request(f"new: {model.name}{rest} {when}", KIND, f"{CONTROL}{NEW}", target=f"/models/{model.name}{rest}")
    door, path = f"{PREDICT}{model.name}{NEW}", f"/models/{model.name}"
    example = model.examples[0]
    yield Request(
        f"new: predict {model.name} {when}", KIND, door, "POST", f"{path}/predict", JSON_BODY, json_body(example)
    )
    if model.task in ("question-answering", "text-classification"):
        inputs = json_body({"inputs": example["text"] if model.task == "text-classification" else example})
        yield Request(f"new: Hugging Face {model.name} {when}", KIND, door, "POST", path, JSON_BODY, inputs)


def _promotion(model: Model, when: str) -> Request:
    name, path = f"new: promote {model.name} {when}", f"/models/{model.name}/production"
    return Request(name, KIND, f"{CONTROL}{NEW}", "PUT", path, JSON_BODY, json_body({"version": 1}))
