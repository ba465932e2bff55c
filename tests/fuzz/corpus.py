"""Requests to begin with: a sound one for every route and model, and those that schemathesis makes of the document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any
from urllib.parse import urlsplit

from functions.core.definition import Definition
from functions.core.routes import ROUTES, Route
from tests.fuzz.asked import Asked
from tests.fuzz.mutations import LARGE

JSON = {"Content-Type": "application/json"}
VARIABLES = {
    **{"{job}": "0" * 32, "{batch}": "0" * 32, "{id}": "7590-VHVEG", "{version}": "1", "{arg}": "random_state"},
    "{asset}": "swagger-ui.css",
}
OWN = frozenset({"host", "content-length", "transfer-encoding", "user-agent", "connection"})
"""Headers of the sender, which each request has its own of."""


def sound_requests(definitions: Mapping[str, Definition]) -> list[Asked]:
    """At least one request for each route and each model that has it, and the form for files."""
    found = [
        one for route, definition in product(ROUTES, definitions.values()) for one in _sound_requests(route, definition)
    ]
    form = b'--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nuploads/churn/a.csv\r\n--x--\r\n'
    multipart = {"Content-Type": "multipart/form-data; boundary=x"}
    return [*found, Asked("POST", "/local-uploads", headers=multipart, body=form)]


def large_requests(definitions: Mapping[str, Definition]) -> list[Asked]:
    """The largest bodies to everything that reads one: after them the memory of the server has seen its worst."""
    posted = [one for one in sound_requests(definitions) if one.method == "POST" and one.headers == JSON]
    paths = list(dict.fromkeys(one.path for one in posted))
    turns = range(max(len(paths), len(LARGE)))
    return [
        Asked("POST", paths[turn % len(paths)], headers=dict(JSON), body=LARGE[turn % len(LARGE)]()) for turn in turns
    ]


def requests_of_the_document(url: str, *, seed: int, count: int) -> list[Asked]:
    """About `count` requests that schemathesis makes, as the document allows and as it does not."""
    import schemathesis
    from schemathesis.generation import GenerationMode

    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    each = max(1, count // (2 * len(operations)))
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    cases = (_cases(one.as_strategy(generation_mode=mode), seed, each) for one, mode in product(operations, modes))
    return [_asked(case) for drawn in cases for case in drawn]


def _sound_requests(route: Route, definition: Definition) -> Iterator[Asked]:
    path = route.path_of(definition)
    if path is None:
        return
    for variable, value in VARIABLES.items():
        path = path.replace(variable, value)
    if route.method == "GET":
        yield Asked("GET", path)
        return
    for body in _bodies(route, definition):
        yield Asked(route.method, path, headers=dict(JSON), body=json.dumps(body).encode())


def _bodies(route: Route, definition: Definition) -> Iterable[Any]:
    example = dict(definition.examples[0])
    if route.protocol == "hugging-face":
        inputs = example if definition.task == "question-answering" else next(iter(example.values()))
        options = {"wait_for_model": True, "use_cache": False}
        return [
            {"inputs": inputs, "parameters": {"top_k": 2}, "options": options},
            {"inputs": [inputs], "parameters": None},
        ]
    kind = route.path.rpartition("/")[2]
    if kind == "predict":
        return [example, [example] * 3, {"instances": [example]}]
    if kind == "retrain":
        target = definition.schema.target
        return [[{**example, target.name: definition.schema.target.allowed[0] if target.allowed else 1}] * 3]
    if kind == "batches":
        return [{"file_name": "rows.csv", "lookup": False}, {"instances": [example], "output": "csv"}]
    if kind == "predictions":
        return [{"ids": ["7590-VHVEG", 1]}] if route.method == "POST" else [{"batch": "0" * 32}]
    return [{"file_name": "rows.csv"}] if kind == "uploads" else [{"version": 1, "pin": False}]


def _cases(strategy: Any, seed: int, count: int) -> list[Any]:
    """Examples that a strategy gives for a seed; none for an operation that cannot be asked wrongly."""
    import hypothesis
    from hypothesis.errors import Unsatisfiable

    found: list[Any] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(strategy)
    def collect(case: Any) -> None:
        found.append(case)

    try:
        collect()
    except Unsatisfiable:
        return []
    return found


def _asked(case: Any) -> Asked:
    import requests

    sent = requests.Request(**case.as_transport_kwargs()).prepare()
    address = urlsplit(str(sent.url))
    headers = {name: str(value) for name, value in sent.headers.items() if name.lower() not in OWN}
    body = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
    return Asked(str(sent.method), address.path, address.query, headers, body)
