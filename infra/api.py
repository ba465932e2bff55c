"""The HTTP API, route by route from the table that the applications serve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from functions.core.routes import ROUTES, Route


class Api(Construct):
    """`$default` stage, no prefix: the paths are the same as on a laptop."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
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
                for model, path in expand(route, predict):
                    self._add(route, path, to_predict[model])

    @property
    def url(self) -> str:
        return self.http_api.api_endpoint

    def _add(self, route: Route, path: str, integration: integrations.HttpLambdaIntegration) -> None:
        self.http_api.add_routes(path=path, methods=[apigateway.HttpMethod[route.method]], integration=integration)


def expand(route: Route, models: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Each model with the route's path for it: its name stands where the table says {model}."""
    for model in models:
        yield model, route.path.replace("{model}", model)


def _integration(name: str, function: lambda_.IFunction) -> integrations.HttpLambdaIntegration:
    # One permission for the API: one for each route would outgrow the function's policy.
    return integrations.HttpLambdaIntegration(name, function, scope_permission_to_route=False)
