"""The table of predictions in an emulated DynamoDB, as the stack makes it."""

from __future__ import annotations

import uuid
from typing import Any

from functions.aws.prediction_table import KEY


def create_predictions_table(client: Any) -> str:
    """Make an empty one with a client of DynamoDB; returns its name."""
    name = f"predictions-{uuid.uuid4().hex}"
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": KEY, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": KEY, "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name
