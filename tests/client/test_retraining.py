"""Trainings: how rows and files are sent, and what their end means."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from despliegue_client.errors import TrainingError, UnsendableError
from despliegue_client.exchange import Answer, Operation
from despliegue_client.retraining import retrain
from despliegue_client.sources import source_of

from tests.client.scripted import Script, api, ok, refused

SUCCEEDED = {"job": "j", "state": "succeeded", "version": 2, "promoted": True}
FORM = {"job": "j", "url": "https://bucket.example/", "fields": {"key": "k"}}


def training(data: Any, *, wait: bool = True, **limits: int) -> Operation[Any]:
    return retrain(api(**limits), "churn", data, mode="replace", force=False, key=None, wait=wait)


def test_rows_are_sent_with_a_key_of_their_own_and_the_job_is_followed() -> None:
    running = {"job": "j", "state": "running", "progress": 0.5}
    script = Script([ok({"job": "j"}, 202), ok(running), ok(SUCCEEDED)])
    assert script.play(training([{"a": 1}])) == SUCCEEDED
    sent = script.requests[0]
    assert (sent.headers["Prefer"], len(sent.headers["Idempotency-Key"])) == ("respond-async", 32)
    assert sent.is_repeatable
    assert script.reports == [running, SUCCEEDED]


def test_a_file_and_rows_that_are_too_many_for_a_request_are_posted_by_a_form(tmp_path: Path) -> None:
    file = tmp_path / "customers.csv"
    file.write_text("a\n1\n")
    for data in (file, [{"a": "x" * 2_000}]):
        name = source_of(data).name
        script = Script([ok(FORM, 201), Answer(204, {}, b""), ok(SUCCEEDED)])
        script.play(training(data, max_payload_bytes=2_000))
        asked, posted, _ = script.requests
        assert asked.body == f'{{"file_name":"{name}"}}'.encode()
        assert posted.form is not None
        assert (posted.url, posted.form.fields, posted.form.name) == (FORM["url"], FORM["fields"], name)


def test_without_wait_the_job_is_given_back_as_it_began() -> None:
    queued = {"job": "j", "state": "queued"}
    script = Script([ok({"job": "j"}, 202), ok(queued)])
    assert script.play(training([{"a": 1}], wait=False)) == queued


def test_refused_rows_raise_all_faults() -> None:
    fault = {"loc": ["line", 3, "price"], "msg": "must be a number", "type": "float_type"}
    refused = {"job": "j", "state": "refused", "errors": [fault] * 8, "reason": "8 faults"}
    with pytest.raises(TrainingError) as caught:
        Script([ok({"job": "j"}, 202), ok(refused)]).play(training([{"a": 1}]))
    assert len(caught.value.faults) == 8


def test_rows_that_the_server_takes_in_a_file_only_are_sent_in_one() -> None:
    script = Script([refused(413, ([], "send a file")), ok(FORM, 201), Answer(204, {}, b""), ok(SUCCEEDED)])
    assert script.play(training([{"a": 1}])) == SUCCEEDED


def test_a_key_for_a_file_is_refused_as_it_would_count_for_nothing(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("a\n1\n")
    with pytest.raises(UnsendableError, match="has no idempotency_key"):
        Script([]).play(retrain(api(), "churn", file, mode="replace", force=False, key="monday", wait=True))
