"""Secrets in the AWS of the tests, which the fixture `aws_environment` points to."""

from __future__ import annotations

import uuid
from functools import cache
from typing import Any

from botocore.session import get_session

from functions.core.tokens import TokenRecord, TokenRecords

EMPTY = '{"tokens": []}'


@cache
def secrets_manager() -> Any:
    """A plain client, with all operations; there is one AWS for all the tests."""
    return get_session().create_client("secretsmanager")


def new_secret(body: str = EMPTY) -> str:
    """The name of a new secret that holds `body`."""
    name = f"despliegue-{uuid.uuid4().hex}/tokens"
    secrets_manager().create_secret(Name=name, SecretString=body)
    return name


def secret_with(*tokens: TokenRecord) -> str:
    """The name of a new secret that holds these tokens."""
    return new_secret(TokenRecords(tokens).to_json().decode())
