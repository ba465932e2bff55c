from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from functions.core.definition import Definition
from functions.core.routes import gateway_routes
from infra.authorizer import IDENTITY_SOURCES

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


def test_secret_is_named_after_the_stack_and_outlives_it_as_the_data_do(
    secret: Json, template: Json, optional_resources: Callable[[str], Json]
) -> None:
    assert secret["Properties"]["Name"] == template["Outputs"]["TokensSecret"]["Value"] == "despliegue-prod/tokens"
    assert (secret["DeletionPolicy"], secret["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
    (destroyed,) = (
        one for key, one in optional_resources("AWS::SecretsManager::Secret").items() if key.startswith("Tokens")
    )
    assert destroyed["DeletionPolicy"] == "Delete"


def test_a_stage_with_another_name_takes_over_the_tokens_of_the_one_before(
    tmp_path: Path, write_project: Callable[[Path], Path], synth: Callable[..., Json]
) -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:despliegue-prod/tokens-AbCd12"
    template = synth(write_project(tmp_path), stage="live", tokens_secret=arn)["template"]
    resources = template["Resources"].values()
    assert not [one for one in resources if one["Type"] == "AWS::SecretsManager::Secret"]
    assert template["Outputs"]["TokensSecret"]["Value"] == arn
    (variables,) = (
        one["Properties"]["Environment"]["Variables"]
        for one in resources
        if one["Type"] == "AWS::Lambda::Function" and "Lets requests through" in one["Properties"]["Description"]
    )
    assert variables["DESPLIEGUE_TOKENS"] == arn
    reading = [one for one in resources if "secretsmanager:GetSecretValue" in json.dumps(one)]
    assert len(reading) == 1
    assert f'"Resource": "{arn}"' in json.dumps(reading[0])


def test_authorizer_knows_the_secret_by_its_arn(functions: Json, resources: Callable[[str], Json]) -> None:
    (secret,) = resources("AWS::SecretsManager::Secret")
    assert functions["authorizer"]["Environment"]["Variables"]["DESPLIEGUE_TOKENS"] == {"Ref": secret}
    assert functions["authorizer"]["ImageConfig"] == {"Command": ["functions.authorizer.handler.handler"]}
    assert functions["authorizer"]["Timeout"] == 10


def test_gateway_refuses_by_itself_where_there_is_no_token_and_keeps_each_decision_for_its_token_path_and_route(
    resources: Callable[[str], Json], live: dict[str, str]
) -> None:
    (authorizer,) = (one["Properties"] for one in resources("AWS::ApiGatewayV2::Authorizer").values())
    assert authorizer["AuthorizerResultTtlInSeconds"] == 5
    assert authorizer["IdentitySource"] == ["$context.path", "$request.header.Authorization", "$context.routeKey"]
    assert (authorizer["AuthorizerPayloadFormatVersion"], authorizer["EnableSimpleResponses"]) == ("2.0", True)
    assert {"Ref": live["authorizer"]} in authorizer["AuthorizerUri"]["Fn::Join"][1]


def test_the_model_of_a_path_is_spelled_in_its_route_or_ends_at_a_slash_at_the_beginning_of_the_key(
    definitions: Mapping[str, Definition],
) -> None:
    """So no header makes the key of a kept decision about another model, even if the gateway only joins the sources."""
    assert IDENTITY_SOURCES[0] == "$context.path"
    guarded = [route for route in gateway_routes(definitions.values()) if route.scope != "public"]
    assert [one for one in guarded if one.model is None and not one.path.startswith("/models/{model}/")] == []


def test_no_route_key_is_the_end_of_another_one(definitions: Mapping[str, Definition]) -> None:
    """So no header makes the key of a kept decision about another route, even if the gateway only joins the two."""
    assert IDENTITY_SOURCES[-1] == "$context.routeKey"
    keys = [route.key for route in gateway_routes(definitions.values())]
    assert [(one, other) for one in keys for other in keys if one != other and other.endswith(one)] == []
