"""Requests to the routes of a server: what they carry, and to whom."""

from __future__ import annotations

from enum import Enum

import pytest
from despliegue_client.api import model_path
from despliegue_client.errors import UnsendableError
from despliegue_client.exchange import Answer, FormFile

from tests.client.scripted import URL, Script, api, ok

TOKEN = "s3cret"  # noqa: S105  no token of anything


class Name(str, Enum):  # noqa: UP042  the kind whose str is the name of the member
    CHURN = "churn"
    ADDED = "extend"


def test_the_token_goes_to_the_server_and_to_no_other_host() -> None:
    own = api(TOKEN)
    script = Script([ok({}), ok({}), Answer(204, {}, b""), Answer(200, {}, b"file")])
    script.play(own.get("/models"))
    script.play(own.change("POST", "/models/churn/retrain", [], key="k"))
    script.play(own.upload({"url": "https://bucket.example/"}, FormFile({}, "a.csv", b"a")))
    assert script.play(own.download("https://bucket.example/part?X-Amz-Signature=abc")) == b"file"
    sent = [("Authorization" in request.headers, request.is_repeatable) for request in script.requests]
    assert sent == [(True, True), (True, True), (False, True), (False, True)]


def test_a_change_is_repeatable_only_with_a_key() -> None:
    script = Script([ok({}), ok({})])
    script.play(api().change("PUT", "/models/churn/production", {"version": 1}))
    script.play(api().change("POST", "/models/churn/retrain", b"[]", key="k", force=True, mode="extend"))
    plain, keyed = script.requests
    assert (plain.is_repeatable, plain.body) == (False, b'{"version":1}')
    assert keyed.headers == {"Content-Type": "application/json", "Idempotency-Key": "k"}
    assert keyed.url == f"{URL}/models/churn/retrain?force=true&mode=extend"


def test_all_pages_of_a_list_are_read() -> None:
    pages = [ok({"jobs": [1, 2], "total": 3}), ok({"jobs": [3], "total": 3})]
    script = Script(list(pages))
    assert script.play(api().all_pages("/models/churn/jobs", "jobs")) == [1, 2, 3]
    asked = [request.url.partition("?")[2] for request in script.requests]
    assert asked == ["page=1&page_size=100", "page=2&page_size=100"]


def test_limits_are_asked_for_once() -> None:
    own = api()
    script = Script([ok({"limits": {"max_instances": 5}})])
    for _ in range(2):
        assert script.play(own.limits_of("car-price")) == {"max_instances": 5}


def test_the_parts_of_a_path_are_encoded() -> None:
    assert model_path("churn", "jobs", "a/b c") == "/models/churn/jobs/a%2Fb%20c"
    with pytest.raises(UnsendableError, match="cannot be a part of a path"):
        model_path("..", "jobs")


def test_a_part_of_an_address_that_is_of_an_enum_of_texts_has_its_text() -> None:
    assert model_path(Name.CHURN, "jobs") == "/models/churn/jobs"
    script = Script([ok({})])
    script.play(api().get("/models", mode=Name.ADDED))
    assert script.requests[0].url == f"{URL}/models?mode=extend"
