"""Tokens of a deployment that runs: valid as soon as they are made, refused within seconds of being revoked."""

from __future__ import annotations

import subprocess
import sys
import time
from uuid import uuid4

import httpx

from tests.deployed.deployment import Deployment, Row, Stack, wait_for

KEPT_SECONDS = 5
"""The time for which an authorizer keeps the tokens."""
REVOKED_SECONDS = 10
"""The time after which no request gets through with a revoked token: the gateway keeps decisions for 5 seconds."""


def _token(*arguments: str) -> str:
    command = [sys.executable, "-m", "model_export.commands.main", "token", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_revoked_token_is_refused_within_ten_seconds(deployed: Deployment, stack: Stack, car: Row) -> None:
    name, secret = uuid4().hex, stack.outputs["TokensSecret"]
    token = _token("create", name, "--scope", "predict", "--secret", secret)

    def status() -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.post(f"{deployed.url}/models/car-price/predict", json=car, headers=headers).status_code

    wait_for(lambda: True if status() == 200 else None, "an answer to the new token")
    assert name in _token("list", "--secret", secret)
    _token("revoke", name, "--secret", secret)
    time.sleep(REVOKED_SECONDS)
    assert status() == 403


def test_tokens_that_cannot_be_read_lock_nobody_out_at_once(deployed: Deployment, stack: Stack, car: Row) -> None:
    secrets, name = stack.clients("secretsmanager"), stack.outputs["TokensSecret"]
    good = secrets.get_secret_value(SecretId=name)["SecretString"]
    deployed.predict("car-price", car)
    secrets.put_secret_value(SecretId=name, SecretString="damaged")
    try:
        time.sleep(KEPT_SECONDS)
        deployed.predict("car-price", car)
    finally:
        secrets.put_secret_value(SecretId=name, SecretString=good)


def test_a_token_for_a_model_opens_its_paths_alone_while_the_gateway_keeps_decisions(
    deployed: Deployment, stack: Stack
) -> None:
    name, secret = uuid4().hex, stack.outputs["TokensSecret"]
    token = _token("create", name, "--scope", "predict", "--model", "car-price", "--secret", secret)

    def status(model: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.get(f"{deployed.url}/models/{model}/jobs", headers=headers).status_code

    wait_for(lambda: True if status("car-price") == 200 else None, "an answer to the new token")
    # one after the other: a decision that was kept for the route alone would let the second pass
    assert [status(model) for model in ("car-price", "churn", "car-price", "churn")] == [200, 403, 200, 403]
    _token("revoke", name, "--secret", secret)
