"""The catalogue, jobs, versions, history, performance and arguments, and the documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from tools.replay.requests import CONTROL, JSON_BODY, Body, Request, json_body
from tools.replay.samples import Model

PAGES = (
    "",
    "?page=1&page_size=1",
    "?page=2&page_size=1",
    "?page=99",
    "?page=0",
    "?page=-1",
    "?page_size=0",
    "?page_size=201",
    "?page=a",
    "?page_size=1.5",
    "?page=1&page=2",
    "?page=1000001",
    "?unknown=1",
    "?page=",
)
LISTS = ("jobs", "versions", "history")
UNKNOWN_JOBS = ("0" * 32, "nothing", "..", "%2e%2e", "A" * 32)
VERSIONS = ("1", "2", "99", "0", "-1", "a", "1.0", "1.5", "01", "9" * 30, "1/")
ARGS = ("C", "learning_rate", "alpha", "nothing", "c", "%20")
FILTERS = ("all", "overall", "contract=two_year", "nothing", "")
PROMOTIONS: tuple[tuple[str, str], ...] = (
    ("nothing", ""),
    ("an empty object", "{}"),
    ("an unknown version", '{"version": 99}'),
    ("version 0", '{"version": 0}'),
    ("a negative version", '{"version": -1}'),
    ("a version as text", '{"version": "1"}'),
    ("half a version", '{"version": 1.5}'),
    ("version true", '{"version": true}'),
    ("version null", '{"version": null}'),
    ("a huge version", '{"version": 9007199254740993}'),
    ("pin as text", '{"version": 1, "pin": "yes"}'),
    ("pin 1", '{"version": 1, "pin": 1}'),
    ("an unknown field", '{"version": 1, "other": 1}'),
    ("an array", "[1]"),
    ("no JSON", "version=1"),
    ("a repeated key", '{"version": 1, "version": 2}'),
    ("too much", '{"version": 1, "more": "' + "x" * 70_000 + '"}'),
)


def reading_requests(models: Mapping[str, Model]) -> Iterator[Request]:
    """Requests that change nothing: all of them on a laptop, most of them on Lambda too."""
    requests = [*_catalogue(models)]
    for model in (*models, "nothing"):
        requests += _of_model(model)
    yield from requests
    for one in requests:
        if one.method == "GET" and "//" not in one.target:
            yield replace(one, name=f"Lambda {one.name}", kind=f"Lambda {one.kind}", door=CONTROL)
    yield from _heads(models)
    yield from _wrong_methods()


def job_details(models: Mapping[str, Model]) -> Iterator[Request]:
    """Every job that the recorded commit left, by the place in its list."""
    for door, where in (("laptop", ""), (CONTROL, "Lambda ")):
        for model in models:
            keep = {f"old{place}": f"data.jobs.{place}" for place in range(6)}
            target = f"/models/{model}/jobs"
            yield Request(f"{where}old jobs of {model}", f"{where}jobs", door, target=target, keep=keep)
            for place in range(6):
                job = f"${{old{place}.job}}"
                yield Request(f"{where}old job {place} of {model}", f"{where}jobs", door, target=f"{target}/{job}")
        yield Request(
            f"{where}a job of another model", f"{where}jobs", door, target=f"/models/car-price/jobs/{'f' * 32}"
        )


def promotion_requests() -> Iterator[Request]:
    """Promotions: refused ones, then to older versions and back, each followed by requests that show its effect."""
    for door, where in (("laptop", ""), (CONTROL, "Lambda ")):
        for what, text in PROMOTIONS:
            yield _promotion(f"{where}promote: {what}", "churn", Body(text), door)
        plain = {"Content-Type": "text/plain"}
        yield replace(
            _promotion(f"{where}promote: plain text", "churn", json_body({"version": 1}), door), headers=plain
        )
        yield _promotion(f"{where}promote: an unknown model", "nothing", json_body({"version": 1}), door)
        for model in ("car-price", "project-tags", "becas"):
            for version, pin in ((1, True), (1.0, False), (2, False)):
                body = json_body({"version": version, "pin": pin})
                yield _promotion(f"{where}promote {model} to {version}, pin {pin}", model, body, door)
                for what in ("", "/production", "/history", "/args", "/performance"):
                    name = f"{where}{model}{what} after version {version}, pin {pin}"
                    yield Request(name, f"{where}promote", door, target=f"/models/{model}{what}")


def predicting_again(models: Mapping[str, Model], when: str) -> Iterator[Request]:
    """The examples of every model, answered by the version that is now in production."""
    for model in models.values():
        for door, where in (("laptop", ""), (f"predict:{model.name}", "Lambda ")):
            target = f"/models/{model.name}/predict"
            name = f"{where}predict {model.name} {when}"
            yield Request(
                name, f"{where}predict: good", door, "POST", target, JSON_BODY, json_body(list(model.examples))
            )


def _promotion(name: str, model: str, body: Body, door: str) -> Request:
    kind = "promote" if door == "laptop" else "Lambda promote"
    return Request(name, kind, door, "PUT", f"/models/{model}/production", JSON_BODY, body)


def _catalogue(models: Iterable[str]) -> Iterator[Request]:
    for path in (
        "/",
        "/models",
        "/ping",
        "/models/",
        "/docs",
        "/docs/",
        "/docs/swagger-ui-bundle.js",
        "/docs/swagger-ui.css",
        "/docs/favicon.png",
        "/docs/nothing.js",
        "/playground",
        "/playground/icon.svg",
        "/nothing",
        "/models?page=2",
        "/favicon.ico",
        "//",
    ):
        yield Request(f"GET {path}", "catalogue", target=path)
    yield Request("GET /openapi.json", "documentation", target="/openapi.json", is_document=True)
    for model in (*models, "nothing", "CHURN", "a%20b", "..", "%F0%9F%9A%97"):
        yield Request(f"GET /models/{model}", "catalogue", target=f"/models/{model}")
        yield Request(f"GET /models/{model}/", "catalogue", target=f"/models/{model}/")


def _of_model(model: str) -> Iterator[Request]:
    def get(kind: str, path: str) -> Request:
        return Request(f"GET {model} {path}", kind, target=f"/models/{model}/{path}")

    for name in LISTS:
        yield from (get(name, f"{name}{page}") for page in PAGES)
        yield get(name, f"{name}/")
    yield get("production", "production")
    yield from (get("jobs", f"jobs/{job}") for job in UNKNOWN_JOBS)
    yield from (get("versions", f"versions/{version}") for version in VERSIONS)
    yield from (get("args", f"args/{arg}") for arg in ARGS)
    yield from (get("performance", f"performance?filter={one}") for one in FILTERS)
    for path in ("args", "args/", "performance", "performance/", "performance?filter=a&filter=b", "schema", "nothing"):
        yield get(path.partition("?")[0].rstrip("/"), path)


def _heads(models: Iterable[str]) -> Iterator[Request]:
    paths = ["/", "/ping", "/models", "/docs", "/openapi.json", "/docs/swagger-ui.css", "/nothing", "/models/nothing"]
    for model in models:
        paths += [
            f"/models/{model}{rest}"
            for rest in ("", "/jobs", "/versions/1", "/history", "/performance", "/args", "/predict")
        ]
    for path in paths:
        yield Request(f"HEAD {path}", "HEAD", method="HEAD", target=path)


def _wrong_methods() -> Iterator[Request]:
    paths = (
        "/",
        "/models",
        "/models/churn",
        "/docs",
        "/openapi.json",
        "/models/churn/retrain",
        "/models/churn/uploads",
        "/models/churn/jobs",
        "/models/churn/production",
        "/models/churn/versions/1",
        "/models/churn/history",
        "/models/churn/performance",
        "/models/churn/args",
        "/models/churn/args/C",
        "/local-uploads",
    )
    routed = {
        "/models/churn/retrain": ("POST",),
        "/models/churn/uploads": ("POST",),
        "/models/churn/production": ("GET", "PUT"),
        "/local-uploads": ("POST",),
    }
    for path in paths:
        for method in ("GET", "POST", "PUT", "DELETE"):
            if method not in routed.get(path, ("GET",)):
                yield Request(f"{method} {path}", "wrong method", method=method, target=path)
