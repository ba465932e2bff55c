"""Answers as they are read, requests as they are shown, and operations under way."""

from __future__ import annotations

import pytest

from despliegue_client.errors import ClientError, Fault
from despliegue_client.exchange import Answer, Operation, Pause, Request, Run

REQUEST = Request("GET", "https://x.example/files/a?X-Amz-Signature=abc", {"Authorization": "Bearer s3cret"})


def test_neither_a_repr_nor_an_error_shows_a_token_or_a_signature() -> None:
    shown = f"{REQUEST!r} {Answer(403, {}, b'').error(REQUEST)}"
    assert "s3cret" not in shown
    assert "abc" not in shown
    assert REQUEST.place == "GET https://x.example/files/a"


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        (b'{"errors":[{"loc":["a"],"msg":"m","type":"t"}]}', (Fault(("a",), "m", "t"),)),
        (b'{"message":"Forbidden"}', (Fault((), "Forbidden", "http_403"),)),
        (b"<Error>Expired</Error>", (Fault((), "<Error>Expired</Error>", "http_403"),)),
        (b"", (Fault((), "no reason was given", "http_403"),)),
    ],
)
def test_faults_are_those_of_the_envelope_or_what_a_gateway_says(body: bytes, faults: tuple[Fault, ...]) -> None:
    assert Answer(403, {}, body).error(REQUEST).faults == faults


def test_an_operation_gets_what_it_asked_for_and_may_go_on_after_an_error() -> None:
    def operation() -> Operation[str]:
        try:
            yield Pause(1)
        except ClientError as error:
            yield Pause(2)
            return str(error)
        return "no error"

    run = Run(operation())
    assert run.effect == Pause(1)
    run.fail(ClientError("late"))
    assert run.effect == Pause(2)
    run.go_on(None)
    assert (run.effect, run.result) == (None, "late")
