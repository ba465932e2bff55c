"""The HTTP API, route by route from the table that the applications serve."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from functions.core.definition import Definition
from functions.core.routes import ROUTES, Route


class Api(Construct):
    """`$default` stage, no prefix: the paths are the same as on a laptop."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        definitions: Mapping[str, Definition],
        control: lambda_.IFunction,
        predict: Mapping[str, lambda_.IFunction],
    ) -> None:
        super().__init__(scope, construct_id)
        self.http_api = apigateway.HttpApi(self, "HttpApi", api_name=name)
        to_control = _integration("control", control)
        to_predict = {model: _integration(f"predict-{model}", one) for model, one in predict.items()}
        for route in ROUTES:
            if route.function == "control":
                self._add(route, route.path, to_control)
            else:
                for model, definition in definitions.items():
                    path = route.path_of(definition)
                    if path is not None:
                        self._add(route, path, to_predict[model])

    @property
    def url(self) -> str:
        return self.http_api.api_endpoint

    def _add(self, route: Route, path: str, integration: integrations.HttpLambdaIntegration) -> None:
        self.http_api.add_routes(path=path, methods=[apigateway.HttpMethod[route.method]], integration=integration)


def _integration(name: str, function: lambda_.IFunction) -> integrations.HttpLambdaIntegration:
    # One permission for the API: one for each route would outgrow the function's policy.
    return integrations.HttpLambdaIntegration(name, function, scope_permission_to_route=False)
