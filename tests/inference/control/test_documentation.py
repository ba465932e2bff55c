"""The OpenAPI document is valid and true to the answers, and its page needs no other host."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import jsonschema  # type: ignore[import-untyped]
import pytest
from openapi_spec_validator import validate
from starlette.types import ASGIApp

from functions.core.definition import Definition, Limits
from functions.core.manifest import Manifest
from functions.core.routes import ROUTES
from functions.local.application import local_application
from functions.local.home import Home

Row = dict[str, Any]
Rows = Callable[[str], list[Row]]

UNDOCUMENTED = {"/docs", "/docs/{asset}", "/openapi.json", "/playground", "/playground/{asset}"}
PER_MODEL = {"/models/{model}/predict", "/models/{model}/retrain"}
MODELS = ("car-price", "churn")


@pytest.fixture(scope="module")
def document(reading: httpx.Client) -> Any:
    answer = reading.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def schema_of(document: Any, path: str, method: str, status: int) -> Any:
    """The declared schema of an answer, with the components of the document."""
    responses = document["paths"][path][method.lower()]["responses"]
    declared = responses.get(str(status)) or responses["default"]
    return {**declared["content"]["application/json"]["schema"], "components": document["components"]}


def test_the_document_is_valid_openapi(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_every_route_is_described_and_nothing_else(document: Any) -> None:
    documented = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    own_protocol = [one for one in ROUTES if one.protocol == "despliegue"]
    generic = {(one.method, one.path) for one in own_protocol if one.path not in UNDOCUMENTED | PER_MODEL}
    own = {("POST", f"/models/{model}/{verb}") for model in MODELS for verb in ("predict", "retrain")}
    assert documented == generic | own


def test_operations_have_names_of_their_own(document: Any) -> None:
    names = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("model", MODELS)
def test_the_predict_schema_is_the_models_own_and_its_example_predicts(
    reading: httpx.Client, document: Any, definitions: Mapping[str, Definition], model: str
) -> None:
    content = document["paths"][f"/models/{model}/predict"]["post"]["requestBody"]["content"]["application/json"]
    one, several, wrapped = content["schema"]["anyOf"]
    assert one == reading.get(f"/models/{model}").json()["data"]["schema"]
    assert several["items"] == wrapped["properties"]["instances"]["items"] == one
    body = jsonschema.Draft202012Validator(content["schema"])
    for example in (content["example"], [content["example"]], {"instances": [content["example"]]}):
        assert body.is_valid(example)
        assert reading.post(f"/models/{model}/predict", json=example).status_code == 200
    assert content["example"] == definitions[model].examples[0]
    assert not body.is_valid([])


@pytest.mark.parametrize("model", MODELS)
def test_every_example_of_a_model_folder_predicts(
    reading: httpx.Client, definitions: Mapping[str, Definition], model: str
) -> None:
    examples = [dict(one) for one in definitions[model].examples]
    data = reading.post(f"/models/{model}/predict", json=examples).json()["data"]
    assert len(data["predictions"]) == len(examples)


@pytest.mark.parametrize("model", MODELS)
def test_the_retrain_schema_takes_labelled_rows(document: Any, labelled: Rows, model: str) -> None:
    operation = document["paths"][f"/models/{model}/retrain"]["post"]
    body = jsonschema.Draft202012Validator(operation["requestBody"]["content"]["application/json"]["schema"])
    rows = labelled(model)[:30]
    assert body.is_valid(rows)
    assert not body.is_valid([{**rows[0], "unknown": 1}])
    names = {parameter["name"] for parameter in operation["parameters"]}
    assert names == {"mode", "force", "idempotency-key", "prefer"}


READ_TOUR = [
    ("GET", "/", "/", None, 200),
    ("GET", "/models", "/models", None, 200),
    ("GET", "/models/{model}", "/models/churn", None, 200),
    ("GET", "/models/{model}", "/models/car-price", None, 200),
    ("GET", "/models/{model}", "/models/boats", None, 404),
    ("GET", "/models/{model}/schema", "/models/churn/schema", None, 200),
    ("GET", "/models/{model}/schema", "/models/boats/schema", None, 404),
    ("GET", "/models/{model}/jobs", "/models/churn/jobs", None, 200),
    ("GET", "/models/{model}/jobs", "/models/churn/jobs?page=0", None, 422),
    ("GET", "/models/{model}/jobs/{job}", "/models/churn/jobs/none", None, 404),
    ("GET", "/models/{model}/versions", "/models/churn/versions", None, 200),
    ("GET", "/models/{model}/versions/{version}", "/models/churn/versions/1", None, 200),
    ("GET", "/models/{model}/versions/{version}", "/models/churn/versions/x", None, 422),
    ("GET", "/models/{model}/history", "/models/churn/history", None, 200),
    ("GET", "/models/{model}/production", "/models/churn/production", None, 200),
    ("GET", "/models/{model}/performance", "/models/churn/performance", None, 200),
    ("GET", "/models/{model}/performance", "/models/churn/performance?filter=class", None, 200),
    ("GET", "/models/{model}/performance", "/models/car-price/performance?filter=nothing", None, 404),
    ("GET", "/models/{model}/args", "/models/churn/args", None, 200),
    ("GET", "/models/{model}/args/{arg}", "/models/churn/args/C", None, 200),
    ("GET", "/models/{model}/args/{arg}", "/models/churn/args/D", None, 404),
    ("POST", "/models/churn/predict", "/models/churn/predict", {}, 422),
    ("PUT", "/models/{model}/production", "/models/churn/production", {"version": 9}, 404),
]


@pytest.mark.parametrize(("method", "path", "url", "body", "status"), READ_TOUR)
def test_what_is_read_has_its_declared_shape(
    reading: httpx.Client, document: Any, method: str, path: str, url: str, body: Any, status: int
) -> None:
    answer = reading.request(method, url, json=body)
    assert answer.status_code == status, answer.text
    jsonschema.validate(answer.json(), schema_of(document, path, method, status))


@pytest.mark.parametrize("model", MODELS)
def test_predictions_have_their_declared_shape(
    reading: httpx.Client, document: Any, instances: Rows, model: str
) -> None:
    path = f"/models/{model}/predict"
    rows = instances(model)[:20]
    if model == "churn":
        rows[0] = {**rows[0], "customerid": 5, "monthlycharges": 1e6}
    answer = reading.post(path, json=rows)
    jsonschema.validate(answer.json(), schema_of(document, path, "POST", 200))


def test_what_training_answers_has_its_declared_shape(client: httpx.Client, document: Any, labelled: Rows) -> None:
    rows = labelled("car-price")[:800]
    retrain, uploads, production = (f"/models/car-price/{name}" for name in ("retrain", "uploads", "production"))
    job, jobs = "/models/{model}/jobs/{job}", "/models/{model}/jobs"
    accepted = client.post(retrain, json=rows[1:], headers={"Prefer": "respond-async"})
    upload = client.post(uploads)
    tour = [
        (accepted, retrain, 202),
        (client.post(retrain, json=rows), retrain, 200),
        (client.post(retrain, json=rows[:3]), retrain, 422),
        (upload, "/models/{model}/uploads", 201),
        (client.get(accepted.headers["location"]), job, 200),
        (client.get(upload.headers["location"]), job, 200),
        (client.get("/models/car-price/jobs"), jobs, 200),
        (client.put(production, json={"version": 1, "pin": True}), "/models/{model}/production", 200),
        (client.get("/models/car-price/history"), "/models/{model}/history", 200),
    ]
    for answer, path, status in tour:
        assert answer.status_code == status, answer.text
        jsonschema.validate(answer.json(), schema_of(document, path, answer.request.method, status))


def test_the_document_follows_production(
    trained_home: Home,
    definitions: Mapping[str, Definition],
    connect: Callable[[ASGIApp], httpx.Client],
    tmp_path: Path,
) -> None:
    def most_instances(home: Home) -> Any:
        narrow = {"churn": replace(definitions["churn"], limits=Limits(max_instances=3))}
        client = connect(local_application(home, narrow, base_url="http://localhost"))
        body = client.get("/openapi.json").json()["paths"]["/models/churn/predict"]["post"]["requestBody"]
        return body["content"]["application/json"]["schema"]["anyOf"][1]["maxItems"]

    in_production = trained_home.registry.manifest("churn", 1).limits.max_instances
    assert (most_instances(Home(tmp_path)), most_instances(trained_home)) == (3, in_production)
    assert in_production > 3


def test_calls_go_to_the_host_that_shows_the_document(document: Any) -> None:
    assert document["servers"] == [{"url": "/"}]


def test_the_page_and_its_files_come_from_this_host_alone(reading: httpx.Client) -> None:
    page = reading.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    links = re.findall(r"""(?:src|href|url)\s*[=:]\s*["']([^"']+)["']""", page.text)
    assert {"/openapi.json", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css"} <= set(links)
    assert [link for link in links if "//" in link] == []
    assert "https://" not in page.text
    for link in links:
        assert reading.get(link).status_code == 200, link


@pytest.mark.parametrize(
    ("asset", "kind"),
    [("swagger-ui-bundle.js", "text/javascript"), ("swagger-ui.css", "text/css"), ("favicon.png", "image/png")],
)
def test_the_files_of_the_page_may_be_kept_by_browsers(reading: httpx.Client, asset: str, kind: str) -> None:
    answer = reading.get(f"/docs/{asset}")
    assert answer.headers["content-type"].startswith(kind)
    assert "max-age" in answer.headers["cache-control"]
    assert len(answer.content) > 500


def test_the_style_sheet_fetches_nothing(reading: httpx.Client) -> None:
    style = reading.get("/docs/swagger-ui.css").text
    assert [url for url in re.findall(r"url\(([^)]*)\)", style) if not url.strip("\"'").startswith("data:")] == []
    assert "@import" not in style


def test_the_page_runs_its_own_script_only_and_is_framed_by_nobody(reading: httpx.Client) -> None:
    page = reading.get("/docs")
    [script] = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = dict(one.split(" ", 1) for one in page.headers["content-security-policy"].split("; "))
    assert policy["script-src"] == f"'self' 'sha256-{digest}'"
    assert (policy["default-src"], policy["frame-ancestors"]) == ("'none'", "'none'")
    assert page.headers["x-frame-options"] == "DENY"
    other_sources = [link for link in re.findall(r'(?:src|href)="([^"]+)"', page.text) if not link.startswith("/docs/")]
    assert other_sources == []


@pytest.mark.parametrize("path", ["/openapi.json", "/docs"])
def test_a_browser_that_has_the_documentation_gets_it_again_only_if_it_changed(
    reading: httpx.Client, path: str
) -> None:
    first = reading.get(path)
    assert first.headers["cache-control"] == "no-cache"
    again = reading.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in again.headers
    other = reading.get(path, headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


def test_after_a_promotion_the_kept_document_is_out_of_date(
    tmp_path: Path,
    definitions: Mapping[str, Definition],
    publish: Callable[..., Manifest],
    connect: Callable[[ASGIApp], httpx.Client],
) -> None:
    home = Home(tmp_path)
    home.create(["churn"])
    narrow = {"churn": replace(definitions["churn"], limits=Limits(max_instances=3))}
    client = connect(local_application(home, narrow, base_url="http://localhost"))
    before = client.get("/openapi.json")
    manifest = publish(home.registry)
    home.registry.promote_now("churn", manifest.version, actor="test", pinned=False)
    after = client.get("/openapi.json", headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    body = after.json()["paths"]["/models/churn/predict"]["post"]["requestBody"]
    most = body["content"]["application/json"]["schema"]["anyOf"][1]["maxItems"]
    assert most == manifest.limits.max_instances != 3
    again = client.get("/openapi.json", headers={"If-None-Match": after.headers["etag"]})
    assert again.status_code == 304
