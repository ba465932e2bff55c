from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from functions.core.other_origins import READ_HEADERS, SENT_HEADERS
from functions.core.routes import ROUTES

MODELS = ("answers", "fast", "slow-one")
Json = dict[str, Any]


@pytest.fixture
def served(resources: Callable[[str], Json], live: dict[str, str]) -> dict[str, str]:
    """The name of the function whose alias serves each route key."""
    names = {key: name for name, key in live.items()}
    integrations = {
        key: names[one["Properties"]["IntegrationUri"]["Ref"]]
        for key, one in resources("AWS::ApiGatewayV2::Integration").items()
    }
    routes = [one["Properties"] for one in resources("AWS::ApiGatewayV2::Route").values()]
    served = {one["RouteKey"]: integrations[one["Target"]["Fn::Join"][1][1]["Ref"]] for one in routes}
    assert len(served) == len(routes)
    return served


def test_routes_are_the_table_with_predict_routes_for_each_model(served: dict[str, str]) -> None:
    expected = {f"{one.method} {one.path}": "control" for one in ROUTES if one.function == "control"}
    expected |= {f"POST /models/{model}/predict": f"predict-{model}" for model in MODELS}
    expected |= {"HEAD /": "control", "HEAD /ping": "control"}
    with_slash = [key for key in expected if key.split()[1].count("/") > 2 and not key.startswith("GET /docs")]
    expected |= {f"{key}/{{proxy+}}": expected[key] for key in with_slash}
    assert served == expected | {"POST /models/answers": "predict-answers", "POST /models/Own/er.s": "predict-answers"}


def test_prediction_goes_to_the_model_that_the_path_names(served: dict[str, str]) -> None:
    assert served["POST /models/slow-one/predict"] == "predict-slow-one"
    assert served["GET /models/{model}/jobs/{job}"] == "control"


def test_default_stage_adds_no_prefix_and_deploys_by_itself(resources: Callable[[str], Json]) -> None:
    (stage,) = (one["Properties"] for one in resources("AWS::ApiGatewayV2::Stage").values())
    assert stage["StageName"] == "$default"
    assert stage["AutoDeploy"] is True


def test_functions_get_the_event_that_they_are_written_for(resources: Callable[[str], Json]) -> None:
    integrations = [one["Properties"] for one in resources("AWS::ApiGatewayV2::Integration").values()]
    assert {one["PayloadFormatVersion"] for one in integrations} == {"2.0"}
    assert {one["IntegrationType"] for one in integrations} == {"AWS_PROXY"}


def test_the_gateway_calls_with_its_role_and_the_authorizer_alone_by_a_permission(
    resources: Callable[[str], Json], live: dict[str, str]
) -> None:
    roles = resources("AWS::IAM::Role")
    integrations = [one["Properties"] for one in resources("AWS::ApiGatewayV2::Integration").values()]
    (caller,) = {one["CredentialsArn"]["Fn::GetAtt"][0] for one in integrations}
    (trust,) = roles[caller]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "apigateway.amazonaws.com"}
    (api,) = resources("AWS::ApiGatewayV2::Api")
    (permission,) = (one["Properties"] for one in resources("AWS::Lambda::Permission").values())
    assert permission["FunctionName"] == {"Ref": live["authorizer"]}
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert {"Ref": api} in permission["SourceArn"]["Fn::Join"][1]


def test_every_route_that_is_not_public_asks_the_authorizer(resources: Callable[[str], Json]) -> None:
    (authorizer,) = resources("AWS::ApiGatewayV2::Authorizer")
    routes = [one["Properties"] for one in resources("AWS::ApiGatewayV2::Route").values()]
    public = {f"{one.method} {one.path}" for one in ROUTES if one.scope == "public"} | {"HEAD /", "HEAD /ping"}
    assert {one["RouteKey"] for one in routes if "AuthorizerId" not in one} == public
    asking = [one for one in routes if one["RouteKey"] not in public]
    assert asking
    for one in asking:
        assert (one["AuthorizationType"], one["AuthorizerId"]) == ("CUSTOM", {"Ref": authorizer})


def test_all_routes_are_throttled_together(
    resources: Callable[[str], Json], optional_resources: Callable[[str], Json]
) -> None:
    def throttling(of_type: Callable[[str], Json]) -> Any:
        (stage,) = of_type("AWS::ApiGatewayV2::Stage").values()
        return stage["Properties"]["DefaultRouteSettings"]

    assert throttling(resources) == {"ThrottlingRateLimit": 100, "ThrottlingBurstLimit": 200}
    assert throttling(optional_resources) == {"ThrottlingRateLimit": 5, "ThrottlingBurstLimit": 9}


def test_public_routes_and_no_others_let_less_through(
    resources: Callable[[str], Json], optional_resources: Callable[[str], Json]
) -> None:
    def settings(of_type: Callable[[str], Json]) -> Any:
        (stage,) = of_type("AWS::ApiGatewayV2::Stage").values()
        return stage["Properties"]["RouteSettings"]

    public = {f"{one.method} {one.path}" for one in ROUTES if one.scope == "public"} | {"HEAD /", "HEAD /ping"}
    less = {"ThrottlingRateLimit": 20, "ThrottlingBurstLimit": 40}
    # never more than all routes get
    least = {"ThrottlingRateLimit": 5, "ThrottlingBurstLimit": 9}
    assert settings(resources) == {key: less for key in public}
    assert settings(optional_resources) == {key: least for key in public}


def test_the_stage_waits_for_the_routes_that_its_settings_name(resources: Callable[[str], Json]) -> None:
    """CloudFormation makes resources in any order, and a stage with settings for an absent route is refused."""
    (stage,) = resources("AWS::ApiGatewayV2::Stage").values()
    routes = resources("AWS::ApiGatewayV2::Route")
    made_before = {routes[name]["Properties"]["RouteKey"] for name in stage["DependsOn"] if name in routes}
    assert made_before >= set(stage["Properties"]["RouteSettings"])


def test_the_address_that_aws_gives_answers_unless_it_is_closed(
    resources: Callable[[str], Json], optional_resources: Callable[[str], Json]
) -> None:
    (api,) = resources("AWS::ApiGatewayV2::Api").values()
    assert "DisableExecuteApiEndpoint" not in api["Properties"]
    (closed,) = optional_resources("AWS::ApiGatewayV2::Api").values()
    assert closed["Properties"]["DisableExecuteApiEndpoint"] is True


def test_access_log_is_json_without_query_headers_and_bodies(template: Json, resources: Callable[[str], Json]) -> None:
    (stage,) = resources("AWS::ApiGatewayV2::Stage").values()
    settings = stage["Properties"]["AccessLogSettings"]
    written = json.loads(settings["Format"])
    assert {"$context.status", "$context.authorizer.token"} < set(written.values())
    for value in written.values():
        assert value.startswith("$context.")
        assert not any(word in value.lower() for word in ("query", "header", "body", "authorization", "protocol"))
    group = template["Resources"][settings["DestinationArn"]["Fn::GetAtt"][0]]
    assert (group["Type"], group["Properties"]["RetentionInDays"]) == ("AWS::Logs::LogGroup", 30)


def test_no_page_of_another_site_may_call(resources: Callable[[str], Json]) -> None:
    (api,) = resources("AWS::ApiGatewayV2::Api").values()
    assert "CorsConfiguration" not in api["Properties"]


def test_pages_of_the_sites_in_the_context_may_call(optional_resources: Callable[[str], Json]) -> None:
    (api,) = optional_resources("AWS::ApiGatewayV2::Api").values()
    cors = api["Properties"]["CorsConfiguration"]
    assert cors["AllowOrigins"] == ["https://www.example.com", "http://localhost:3000"]
    assert cors["AllowMethods"] == ["DELETE", "GET", "POST", "PUT"]
    assert cors["AllowHeaders"] == list(SENT_HEADERS)
    assert cors["ExposeHeaders"] == list(READ_HEADERS)
    assert cors["MaxAge"] == 3600
