"""Whatever a server answers is text on the page: markup, scripts, marks that turn the direction, 100,000 characters."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.playground.browser import Browser, Opened

HOSTILE = {
    "markup": "<img src=x onerror=\"document.title='broken'\">",
    "script": "</script><script>document.title='broken'</script>",
    "direction": "\u202e\u2066reversed\u2069 \u202d end",
    "prototype": "__proto__",
    "long": "x" * 100_000,
}
WIDE = [*((kind, 360) for kind in HOSTILE), ("long", 1440)]
each = pytest.mark.parametrize("kind", HOSTILE)


def fulfilled(opened: Opened, answers: dict[str, Any]) -> None:
    """Answer paths with data of the test."""

    def answer(route: Any, *, data: Any) -> None:
        body = data if "error" in data or isinstance(data, list) else {"data": data}
        route.fulfill(status=200, content_type="application/json", body=json.dumps(body))

    for path, data in answers.items():
        opened.page.route(f"{opened.url}{path}", partial(answer, data=data))


def model_of(text: str, task: str, schema: Any, prediction: Any) -> Callable[[Opened], None]:
    details = {"name": "m", "task": task, "description": text, "retrainable": True, "hub_id": None, "version": 1}
    more = {"metrics": {text: 0.5}, "metrics_in_sample": True, "limits": {"max_instances": 100}}
    files = {"snake_case_columns": False, "rename": {text: text}, "join": {text: [text]}}
    limits = {**details, **more, "schema": schema, "prediction_schema": prediction, "targets": [text], "files": files}
    version = {
        "version": 1,
        "created": "2026-01-01T00:00:00Z",
        "metrics": {text: 0.5},
        "metrics_in_sample": True,
        "data": None,
        "reason": text,
        "in_production": False,
    }
    entry = {"version": 1, "serial": 1, "previous": None, "actor": text, "time": "2026-01-01T00:00:00Z", "pinned": True}
    job = {
        "job": "a",
        "state": "refused",
        "stage": text,
        "progress": 1,
        "reason": text,
        "created": entry["time"],
        "actor": text,
        "version": None,
        "promoted": None,
        "metrics": None,
        "production_metrics": None,
        "rows": None,
        "errors": [],
        "notes": [],
    }
    answers = {
        "/models": {"models": [{**details, "name": text}]},
        "/models/m": limits,
        "/models/m/schema": {"schema": schema, "prediction_schema": prediction, "example": {}},
        "/models/m/production": {**version, **entry, "reason": text},
        "/models/m/versions?*": {"versions": [version], "total": 1},
        "/models/m/history?*": {"history": [entry], "total": 1},
        "/models/m/jobs?*": {"jobs": [job], "total": 1},
    }
    return lambda opened: fulfilled(opened, answers)


def require_text(opened: Opened, text: str) -> None:
    shown = opened.page.locator("#page").evaluate("one => one.textContent")
    assert text in shown
    assert opened.page.title() != "broken"
    assert opened.page.locator("#page img, #page script").count() == 0
    assert opened.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth + 1")
    assert opened.troubles == []


@pytest.mark.parametrize(("kind", "width"), WIDE)
def test_names_levels_labels_and_warnings_are_text(browser: Browser, kind: str, width: int) -> None:
    text = HOSTILE[kind]
    schema = {
        "type": "object",
        "required": [text],
        "properties": {
            text: {"type": "string", "description": text, "x-levels": [text, "other"]},
            "plain": {"type": ["number", "null"]},
        },
    }
    prediction = {"type": "object", "properties": {"label": {"type": "string"}, "score": {"type": "number"}}}
    with browser.opened(width=width) as opened:
        model_of(text, "tabular-classification", schema, prediction)(opened)
        warning = {"loc": [text], "msg": text, "type": text}
        found = {"label": text, "score": 0.7, "scores": {text: 0.7, "other": 0.3}}
        sent: list[Any] = []

        def predicted(route: Any) -> None:
            rows = json.loads(route.request.post_data)
            sent.append(rows)
            count = len(rows) if isinstance(rows, list) else 1
            data = {"version": 1, "predictions": [found] * count, "warnings": [[warning]] * count}
            route.fulfill(status=200, content_type="application/json", body=json.dumps({"data": data}))

        opened.page.route(f"{opened.url}/models/m/predict", predicted)
        page = opened.go("m/try")
        page.get_by_role("button", name="Predict", exact=True).click()
        page.locator(".figure-label").wait_for()
        require_text(opened, text)
        assert list(sent[0]) == [text, "plain"]
        page.get_by_text("The same request as a program").click()
        require_text(opened, text)
        page = opened.go("m/what-if")
        page.locator(".bars").first.wait_for()
        require_text(opened, text)
        page = opened.go("m/versions")
        require_text(opened, text)
        quoted = text.replace('"', '""')
        rows = f'"{quoted}";"{quoted}2"\n"{quoted}";1\n'.encode()
        page.locator("input[type=file]").set_input_files({"name": "r.csv", "mimeType": "text/csv", "buffer": rows})
        page.get_by_role("button", name="Train with 1 row").wait_for()
        require_text(opened, text)
        page = opened.go("m/table")
        page.locator("textarea").fill(f'"{text.replace(chr(34), chr(34) * 2)}";plain\nother;1\n')
        page.get_by_role("button", name="Read the rows").click()
        page.get_by_role("button", name="Predict 1 row").click()
        page.get_by_text("1 row predicted").wait_for()
        require_text(opened, text)
        page = opened.go("")
        page.locator(".card").wait_for()
        require_text(opened, text)


@each
def test_answers_contexts_and_faults_are_text(browser: Browser, kind: str) -> None:
    text = HOSTILE[kind]
    texts = {
        "type": "object",
        "required": ["question", "context"],
        "properties": {"question": {"type": "string"}, "context": {"type": "string"}},
    }
    with browser.opened(width=360) as opened:
        model_of(text, "question-answering", texts, {"type": "object", "properties": {"answer": {"type": "string"}}})(
            opened
        )
        page = opened.page
        answers = [
            {"answer": text, "score": 0.5, "start": 2, "end": 2 + len(text)},
            {"answer": "b", "score": 0.1, "start": 0, "end": 1},
        ]
        page.route(
            f"{opened.url}/models/m",
            lambda route: (
                route.fallback()
                if route.request.method == "GET"
                else route.fulfill(status=200, content_type="application/json", body=json.dumps(answers))
            ),
        )
        opened.go("m/try")
        page.get_by_label("context").fill(f"b {text} end")
        page.get_by_role("button", name="Answer", exact=True).click()
        page.locator("mark").wait_for()
        assert page.locator("mark").evaluate("one => one.textContent") == text
        require_text(opened, text)
        page.unroute(f"{opened.url}/models/m")
        page.route(
            f"{opened.url}/models/m",
            lambda route: route.fulfill(status=422, content_type="application/json", body=json.dumps({"error": text})),
        )
        page.get_by_role("button", name="Answer", exact=True).click()
        page.locator(".note-bad").wait_for()
        require_text(opened, text)
