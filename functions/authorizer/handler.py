"""The token authorizer of the HTTP API on Lambda: it accepts or refuses a bearer token, and returns its name."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.aws.client import secrets_client
from functions.aws.logs import json_logger
from functions.aws.metrics import FunctionMetrics
from functions.aws.pings import is_ping
from functions.aws.secrets import TokenSecret
from functions.aws.settings import AuthorizerSettings
from functions.core.errors import DespliegueError
from functions.core.model_folder import load_definitions
from functions.core.routes import token_needs
from functions.core.tokens import Decision, RecentTokens, bearer_token, decide

logger = json_logger()
metrics = FunctionMetrics()


def _unreadable(error: DespliegueError) -> None:
    logger.error("the tokens cannot be read", extra={"error": str(error)})
    metrics.write({"TokensUnreadable": 1})


# outside the handler: only cold starts pay for it, and a wrong setting fails at once
_settings = AuthorizerSettings.read(os.environ)
_needs = token_needs(load_definitions(_settings.models).values())
_recent = RecentTokens(TokenSecret(_settings.tokens, secrets_client()).read, on_failure=_unreadable)


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_HTTP, log_event=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an authorizer request of an HTTP API (payload version 2.0) with a simple response.

    Raises a DespliegueError where there are no tokens to decide by: the gateway answers 500 then, and Lambda counts an
    error. Only three keys of the event are read; the class of Powertools for it would make every cold start longer.
    """
    if is_ping(event):
        return {}
    # the gateway leaves the parameters out, or null, for a path that has none
    named = (event.get("pathParameters") or {}).get("model")
    decision = _decision(event["routeKey"], named, event["headers"].get("authorization", ""))
    facts = {"route": event["routeKey"], "token": decision.token, "reason": decision.reason}
    logger.info("accepted" if decision.allowed else "refused", extra=facts)
    return {"isAuthorized": decision.allowed, "context": {"token": decision.token} if decision.allowed else {}}


def _decision(route_key: str, named: str | None, header: str) -> Decision:
    """Decide by the model that the route spells out, or else by the one that the gateway found `named` in the path."""
    need = _needs.get(route_key)
    if need is None:
        return Decision(False, "unknown route")
    presented = bearer_token(header)
    if presented is None:
        return Decision(False, "no bearer token")
    return decide(_recent.current(), presented, need.scope, datetime.now(UTC), model=need.model or named)
