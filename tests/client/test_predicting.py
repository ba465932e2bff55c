"""Predictions of many rows: cut into requests, put together in order, refused with all faults."""

from __future__ import annotations

import json
from typing import Any

import pytest

from despliegue_client.errors import ApiError, UnsendableError
from despliegue_client.exchange import Answer, Request
from despliegue_client.predicting import answer, predict
from tests.client.scripted import Script, api, ok, refused


def echoed(request: Request) -> Answer:
    """The number of each row as its prediction."""
    rows = json.loads(request.body or b"")
    return ok({"predictions": [row["n"] for row in rows], "warnings": [[] for _ in rows], "version": 1})


def numbered(count: int) -> list[dict[str, Any]]:
    return [{"n": number} for number in range(count)]


def test_rows_beyond_a_limit_are_sent_in_several_requests_and_come_back_in_order() -> None:
    script = Script(echoed)
    assert script.play(predict(api(max_instances=10), "churn", numbered(25))) == list(range(25))
    assert len(script.requests) == 3
    bounded = Script(echoed)
    assert bounded.play(predict(api(max_payload_bytes=100), "churn", numbered(100))) == list(range(100))
    assert max(len(request.body or b"") for request in bounded.requests) <= 100


def test_what_the_server_finds_too_large_is_halved_until_it_fits() -> None:
    def of_three_at_most(request: Request) -> Answer:
        return echoed(request) if len(json.loads(request.body or b"")) <= 3 else refused(413, ([], "too large"))

    assert Script(of_three_at_most).play(predict(api(), "churn", numbered(20))) == list(range(20))


def test_a_single_row_that_is_too_large_is_refused() -> None:
    with pytest.raises(ApiError, match="413"):
        Script(lambda request: refused(413, ([], "too large"))).play(predict(api(), "churn", numbered(2)))


def test_faults_of_all_parts_are_raised_together_at_their_places_in_the_whole() -> None:
    def odd_refused(request: Request) -> Answer:
        rows = json.loads(request.body or b"")
        faults: list[Any] = [
            (["body", place, "n"], f"{row['n']} is odd") for place, row in enumerate(rows) if row["n"] % 2
        ]
        return refused(422, *faults) if faults else echoed(request)

    with pytest.raises(ApiError) as caught:
        Script(odd_refused).play(predict(api(max_instances=3), "churn", numbered(8)))
    assert [(fault.loc, fault.msg) for fault in caught.value.faults] == [
        (("body", number, "n"), f"{number} is odd") for number in (1, 3, 5, 7)
    ]


def test_a_fault_without_a_row_keeps_its_place() -> None:
    with pytest.raises(ApiError) as caught:
        Script([refused(422, (["body"], "no instance"))]).play(predict(api(), "churn", numbered(1)))
    assert caught.value.faults[0].loc == ("body",)


def test_versions_and_warnings_of_all_parts_are_kept() -> None:
    def answers(request: Request) -> Answer:
        (row,) = json.loads(request.body or b"")
        warning = {"loc": ["n"], "msg": f"{row['n']}", "type": "t"}
        return ok({"predictions": [0], "warnings": [[warning]], "version": 7 - row["n"]})

    found = Script(answers).play(predict(api(max_instances=1), "churn", numbered(2)))
    assert found.versions == [6, 7]
    assert [[fault.msg for fault in one] for one in found.warnings] == [["0"], ["1"]]


def test_no_rows_are_no_request() -> None:
    script = Script([])
    assert script.play(predict(api(), "churn", [])) == []
    assert script.requests == []


def asked(request: Request) -> Answer:
    rows = json.loads(request.body or b"")
    answers = [{"answer": f"{row['question']} {row['context']}"} for row in rows]
    return ok({"predictions": answers, "warnings": [[] for _ in rows], "version": 1})


def test_one_question_has_one_answer_and_goes_with_several_contexts() -> None:
    assert Script(asked).play(answer(api(), "churn", "a", "x")) == {"answer": "a x"}
    several = Script(asked).play(answer(api(), "churn", "a", ["x", "y"]))
    assert [one["answer"] for one in several] == ["a x", "a y"]
    assert [one["answer"] for one in Script(asked).play(answer(api(), "churn", ["a", "b"], "x"))] == ["a x", "b x"]
    assert [one["answer"] for one in Script(asked).play(answer(api(), "churn", ["a", "b"], ["x", "y"]))] == [
        "a x",
        "b y",
    ]


def test_questions_and_contexts_of_different_numbers_are_refused() -> None:
    with pytest.raises(UnsendableError, match="2 questions and 3 contexts"):
        Script([]).play(answer(api(), "churn", ["a", "b"], ["x", "y", "z"]))
