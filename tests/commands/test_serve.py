"""despliegue serve: its options. What it serves is tested in tests/local/test_end_to_end.py."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

Command = Callable[..., Any]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.1", ""])  # noqa: S104
def test_only_loopback_is_served(command: Command, host: str) -> None:
    done = command("serve", "--host", host)
    assert done.status == 2
    assert "--host" in done.err


def test_a_root_model_must_be_known(command: Command) -> None:
    done = command("serve", "--model", "boats", "--port", 0)
    assert done.status == 1
    assert "known: car-price, churn" in done.err


def test_a_port_in_use_is_told_with_what_to_do(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = command("serve", "--port", port)
    assert done.status == 1
    assert f"port {port} of 127.0.0.1" in done.err
    assert "--port" in done.err


@pytest.mark.parametrize("port", ["99999", "-1"])
def test_a_port_that_is_none_is_told(command: Command, port: str) -> None:
    done = command("serve", "--port", port)
    assert done.status == 2
    assert "is no port" in done.err or "expected one argument" in done.err


def test_a_port_of_the_environment_that_is_no_number_stops_serve_alone(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "eighty")
    assert command("versions", "churn").status == 0
    done = command("serve")
    assert done.status == 2
    assert "eighty" in done.err
