from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Json = dict[str, Any]


@pytest.fixture
def secret(resources: Callable[[str], Json]) -> Json:
    (secret,) = resources("AWS::SecretsManager::Secret").values()
    assert isinstance(secret, dict)
    return secret


def test_the_first_value_of_the_secret_never_changes(secret: Json) -> None:
    """CloudFormation writes the value when this text changes, and overwrites every token that was made since."""
    assert secret["Properties"]["SecretString"] == '{"tokens": []}'
    assert "GenerateSecretString" not in secret["Properties"]


def test_secret_is_named_after_the_stack_and_leaves_the_name_to_the_next_one(secret: Json, template: Json) -> None:
    assert secret["Properties"]["Name"] == template["Outputs"]["TokensSecret"]["Value"] == "despliegue-prod/tokens"
    assert secret["DeletionPolicy"] == "Delete"


def test_authorizer_knows_the_secret_by_its_arn(functions: Json, resources: Callable[[str], Json]) -> None:
    (secret,) = resources("AWS::SecretsManager::Secret")
    assert functions["authorizer"]["Environment"]["Variables"]["DESPLIEGUE_TOKENS"] == {"Ref": secret}
    assert functions["authorizer"]["ImageConfig"] == {"Command": ["functions.authorizer.handler.handler"]}
    assert functions["authorizer"]["Timeout"] == 10


def test_gateway_asks_in_every_request_and_refuses_by_itself_where_there_is_no_token(
    resources: Callable[[str], Json], live: dict[str, str]
) -> None:
    (authorizer,) = (one["Properties"] for one in resources("AWS::ApiGatewayV2::Authorizer").values())
    assert authorizer["AuthorizerResultTtlInSeconds"] == 0
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]
    assert (authorizer["AuthorizerPayloadFormatVersion"], authorizer["EnableSimpleResponses"]) == ("2.0", True)
    assert {"Ref": live["authorizer"]} in authorizer["AuthorizerUri"]["Fn::Join"][1]
