"""Schemathesis against the whole application: to any request the answer is one that the document declares.

DESPLIEGUE_CALLS=10000 python -m pytest tests/contract -s    makes at least that many calls, and prints the counts
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from starlette.types import ASGIApp

from functions.core.definition import Definition, Limits
from functions.core.model_folder import load_definition
from functions.core.version_folder import BAKED, has_baked
from functions.local.application import local_application
from functions.local.home import Home
from functions.serving.promotion import import_and_promote
from model_export.training import TrainingRun, train
from model_export.training_files.rows import read_rows

CALLS = int(os.environ.get("DESPLIEGUE_CALLS", "0"))
EXAMPLES = 200 if CALLS else 10
MODELS = ("becas", "car-price", "churn", "project-tags")
SMALL = Limits(max_instances=20, minimum_training_rows=2)
"""Small limits, so that arrays at the limits and beyond them are generated."""
BEYOND_THE_SCHEMA = {"idempotency_key_reused", "near_level", "not_finite", "too_long", "unreadable"}
"""Refusals of what JSON Schema would let pass: it knows no earlier requests, no spelling, no model and no tokens."""
OF_TOKENS = re.compile(r"tokens|must not be blank|holds nothing|surrogate")
"""The same refusals in the Hugging Face protocol, whose errors have a text and no type."""
NOT_FOUND = {
    "GET /models/{model}/args/{arg}",
    "POST /models/{model}/batches/{batch}/retry",
    "GET /models/{model}/predictions/{id}",
    "POST /models/{model}/predictions",
    "PUT /models/{model}/predictions",
}
"""Operations with names that are not in the document, and those on batches that have ended: here none is run."""
SETTINGS = {
    "generation": {"max-examples": EXAMPLES, "deterministic": False, "no-shrink": True, "database": "none"},
    "checks": {
        "negative_data_rejection": {"expected-statuses": ["404", "405", "409", "413", "415", "422"]},
        # 409 where a model is not retrained here, 413 where a short text has many tokens
        "positive_data_acceptance": {"expected-statuses": ["2xx", "404", "409", "413"]},
        # GET /models/{model} and POST /models/project-tags are one resource, under two paths of the document
        "allow_header_conformance": {"enabled": False},
    },
    "phases": {
        "coverage": {
            "generate-duplicate-query-parameters": True,
            # not POST, for the same reason
            "unexpected-methods": ["get", "put", "delete", "options", "patch", "trace"],
        }
    },
}


@dataclass(slots=True)
class Trial:
    """Requests and answers of one or more runs."""

    statuses: Counter[int] = field(default_factory=Counter)
    by_operation: dict[str, Counter[int]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    @property
    def calls(self) -> int:
        return self.statuses.total()

    def run(self, application: ASGIApp, *, seed: int) -> None:
        """Examples and edges of every operation, then generated requests, then chains along links."""
        again = {"examples": {"enabled": False}, "coverage": {"enabled": False}} if seed > 1 else {}
        settings = {**SETTINGS, "seed": seed, "phases": {**SETTINGS["phases"], **again}}
        schema = schemathesis.openapi.from_asgi(
            "/openapi.json", application, config=SchemathesisConfig.from_dict(settings)
        )
        for event in from_schema(schema).execute():
            if isinstance(event, events.ScenarioFinished):
                self._count(event.recorder)
            elif isinstance(event, events.NonFatalError | events.FatalError):
                self.failures.append(f"schemathesis itself: {event}")

    def _count(self, recorder: Any) -> None:
        for name, interaction in recorder.interactions.items():
            status = int(interaction.response.status_code) if interaction.response else 0
            operation = recorder.cases[name].value.operation.label
            self.statuses[status] += 1
            self.by_operation.setdefault(operation, Counter())[status] += 1
        for name, checks in recorder.checks.items():
            failed = [check for check in checks if check.failure_info]
            if failed and not _is_beyond_the_schema(failed, recorder.interactions[name].response):
                self.failures.extend(_description(check, recorder.interactions[name]) for check in failed)


def _is_beyond_the_schema(failed: list[Any], response: Any) -> bool:
    if {check.name for check in failed} != {"positive_data_acceptance"} or response.status_code != 422:
        return False
    document = orjson.loads(response.content)
    if "error" in document:
        return all(OF_TOKENS.search(one) for one in document["error"].split("; "))
    return {error["type"] for error in document["errors"]} <= BEYOND_THE_SCHEMA


def _description(check: Any, interaction: Any) -> str:
    request, response = interaction.request, interaction.response
    answered = f"{response.status_code} {response.content[:500]!r}" if response else "nothing"
    failure = check.failure_info.failure
    return (
        f"{check.name}: {failure.title}: {failure.message}\n"
        f"  {request.method} {request.uri} {request.body!r:.500}\n  answered {answered}"
    )


@pytest.fixture(scope="module")
def limited(root: Path) -> dict[str, Definition]:
    found = [load_definition(root / "models" / model) for model in MODELS]
    return {one.name: replace(one, limits=SMALL) for one in found}


@pytest.fixture(scope="module")
def application(limited: dict[str, Definition], tmp_path_factory: pytest.TempPathFactory) -> Iterator[ASGIApp]:
    """Every kind of model in production, and no trainer: a retrain is answered 202 at once."""
    home = Home(tmp_path_factory.mktemp("contract"))
    for definition in limited.values():
        if has_baked(definition.folder):
            import_and_promote(home.registry, definition.name, definition.folder / BAKED)
            continue
        sample = definition.folder / "sample.csv"
        table = read_rows(sample.read_bytes(), sample.name, definition).table
        assert train(home.registry, TrainingRun(definition=definition, table=table)).promoted
    return local_application(home, limited, base_url="http://testserver", wait_seconds=0)


def test_every_answer_is_one_that_the_document_declares(application: ASGIApp) -> None:
    trial = Trial()
    trial.run(application, seed=1)
    seed = 2
    while trial.calls < CALLS:
        trial.run(application, seed=seed)
        seed += 1
    print(f"\n{trial.calls} calls, statuses {dict(sorted(trial.statuses.items()))}, {len(trial.failures)} failures")
    assert not trial.failures, "\n\n".join(trial.failures[:20])
    assert {status for status in trial.statuses if status >= 500 or status == 0} == set()
    assert {200, 201, 202, 404, 405, 413, 415, 422} <= trial.statuses.keys()
    never_accepted = {name for name, found in trial.by_operation.items() if not {200, 201, 202} & found.keys()}
    assert never_accepted <= NOT_FOUND
