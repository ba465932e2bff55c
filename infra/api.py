"""The HTTP API, route by route from the table that the applications serve."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from functions.core.definition import Definition
from functions.core.other_origins import PREFLIGHT_SECONDS, READ_HEADERS, SENT_HEADERS
from functions.core.routes import ROUTES, GatewayRoute, gateway_routes
from infra.findings import acknowledge
from infra.log_groups import LogGroups
from infra.permissions import gateway_statements

# Query strings, headers and bodies are left out, so that no token and no row gets into the log.
ACCESS_LOG = {
    "time": "$context.requestTimeEpoch",
    "request": "$context.requestId",
    "route": "$context.routeKey",
    "path": "$context.path",
    "status": "$context.status",
    "token": "$context.authorizer.token",
    "address": "$context.identity.sourceIp",
    "answer_bytes": "$context.responseLength",
    "milliseconds": "$context.responseLatency",
    "function_milliseconds": "$context.integrationLatency",
    "error": "$context.error.message",
    "authorizer_error": "$context.authorizer.error",
    "function_error": "$context.integrationErrorMessage",
}


# Nobody needs a token for these routes, so anybody could use up what the callers with tokens need: for each of them
# less comes through. It is enough for monitors, for people who read /docs, and for programs that look up a model now
# and then; clients that read more often have a token, and ask the routes below a model.
PUBLIC_RATE = 20
PUBLIC_BURST = 40


class Api(Construct):
    """An HTTP API with the stage `$default`, which adds no prefix: the paths are the same as on a laptop.

    A route whose scope is not public asks `authorizer`. `throttle_rate` is requests a second over all callers,
    `throttle_burst` how many may come at once; a public route gets PUBLIC_RATE and PUBLIC_BURST where that is less. The
    rest is answered 429. Pages of the sites in `origins` may call. Without `has_default_endpoint` only a domain leads
    to the API.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        definitions: Mapping[str, Definition],
        control: lambda_.Alias,
        predict: Mapping[str, lambda_.Alias],
        authorizer: apigateway.IHttpRouteAuthorizer,
        log_groups: LogGroups,
        throttle_rate: int,
        throttle_burst: int,
        origins: Sequence[str],
        has_default_endpoint: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        self._authorizer = authorizer
        self.http_api = apigateway.HttpApi(
            self,
            "HttpApi",
            api_name=name,
            create_default_stage=False,
            cors_preflight=_cors(origins),
            disable_execute_api_endpoint=None if has_default_endpoint else True,
        )
        self.stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=self.http_api,
            stage_name="$default",
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(rate_limit=throttle_rate, burst_limit=throttle_burst),
        )
        stage = cast(apigateway.CfnStage, self.stage.node.default_child)
        stage.access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=log_groups.make_vended(self, "AccessLogs", path=_access_log(name)).log_group_arn,
            format=json.dumps(ACCESS_LOG),
        )
        caller = self._caller([control, *predict.values()])
        to_control = _Integration("control", control, caller)
        to_predict = {model: _Integration(f"predict-{model}", one, caller) for model, one in predict.items()}
        less = {
            "ThrottlingRateLimit": min(PUBLIC_RATE, throttle_rate),
            "ThrottlingBurstLimit": min(PUBLIC_BURST, throttle_burst),
        }
        routes = gateway_routes(definitions.values())
        stage.route_settings = {route.key: less for route in routes if route.scope == "public"}
        for route in routes:
            added = self._add(route, to_control if route.model is None else to_predict[route.model])
            if route.scope == "public":
                # a stage cannot be made with settings for a route that is not there yet
                self.stage.node.add_dependency(added)

    @property
    def url(self) -> str:
        return self.http_api.api_endpoint

    def _caller(self, functions: Sequence[lambda_.Alias]) -> iam.Role:
        """The role by which the gateway calls the functions: one resource in place of a permission for each."""
        return iam.Role(
            self,
            "Caller",
            assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"),
            inline_policies={"Permissions": iam.PolicyDocument(statements=gateway_statements(functions))},
        )

    def _add(self, route: GatewayRoute, integration: _Integration) -> apigateway.HttpRoute:
        is_public = route.scope == "public"
        (added,) = self.http_api.add_routes(
            path=route.path,
            methods=[apigateway.HttpMethod[route.method]],
            integration=integration,
            authorizer=None if is_public else self._authorizer,
        )
        if is_public:
            acknowledge(added, "APIG4", "public in functions/core/routes.py: health, catalogue and documentation")
        return added


def _access_log(stack: str) -> str:
    """despliegue/prod/access for the stack despliegue-prod."""
    project, _, stage = stack.partition("-")
    return f"{project}/{stage}/access"


class _Integration(apigateway.HttpRouteIntegration):
    """The CDK's own integration of a function knows no role."""

    def __init__(self, construct_id: str, function: lambda_.Alias, caller: iam.Role) -> None:
        super().__init__(construct_id)
        self._function = function
        self._caller = caller

    def bind(self, *, route: apigateway.IHttpRoute, scope: Construct) -> apigateway.HttpRouteIntegrationConfig:
        return apigateway.HttpRouteIntegrationConfig(
            type=apigateway.HttpIntegrationType.AWS_PROXY,
            uri=self._function.function_arn,
            payload_format_version=apigateway.PayloadFormatVersion.VERSION_2_0,
            credentials=apigateway.IntegrationCredentials.from_role(self._caller),
        )


def _cors(origins: Sequence[str]) -> apigateway.CorsPreflightOptions | None:
    if not origins:
        return None
    return apigateway.CorsPreflightOptions(
        allow_origins=list(origins),
        allow_methods=[apigateway.CorsHttpMethod[method] for method in sorted({route.method for route in ROUTES})],
        allow_headers=list(SENT_HEADERS),
        expose_headers=list(READ_HEADERS),
        max_age=Duration.seconds(PREFLIGHT_SECONDS),
    )
