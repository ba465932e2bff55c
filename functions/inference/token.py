"""Who asks: the name of the token that the gateway's authorizer accepted."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

LOCAL = "local"


def request_actor(scope: MutableMapping[str, Any]) -> str:
    """The token's name on API Gateway; on a laptop, where no tokens are made, `local`."""
    context = scope.get("aws.event", {}).get("requestContext", {})
    return str(context.get("authorizer", {}).get("lambda", {}).get("token", LOCAL))
