"""The token authorizer: the secret with the hashes of the tokens, and the only function that reads it."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration, RemovalPolicy, SecretValue
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from functions.core.environment import TOKENS_VARIABLE
from functions.core.tokens import GATEWAY_SECONDS
from infra.findings import acknowledge
from infra.function import ImageFunction
from infra.image import Images
from infra.log_groups import LogGroups
from infra.permissions import authorizer_statements

HANDLER = "functions.authorizer.handler.handler"
MEMORY_MB = 512
# The gateway waits no longer than this for an authorizer; the client of Secrets Manager gives up earlier.
TIMEOUT_SECONDS = 10
# The key of a decision that the gateway keeps: all that the decision reads of a request, as tests/authorizer holds. The
# path comes first, because the name of the model ends at a slash in it, and the route key last, because none is the end
# of another: however the gateway joins the three, no header makes the key of another model or of another route.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html takes context variables
# as identity sources, and names $context.routeKey for this use.
IDENTITY_SOURCES = ("$context.path", "$request.header.Authorization", "$context.routeKey")
# CloudFormation writes the secret only when this text changes: as long as it does not, a redeploy keeps the tokens.
NO_TOKENS = '{"tokens": []}'


class TokenAuthorizer(Construct):
    """`http_authorizer` guards every route that is not public; the gateway itself answers 401 where a token is missing.

    `secret_name` is the secret that holds the hashes: <stack>/tokens, or `secret_arn`, which is used as it is. With
    `removal` RETAIN_ON_UPDATE_OR_DELETE the secret outlives the stack.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stack: str,
        images: Images,
        environment: Mapping[str, str],
        log_groups: LogGroups,
        secret_arn: str | None,
        removal: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.secret_name = secret_arn or f"{stack}/tokens"
        secret = (
            secretsmanager.Secret.from_secret_complete_arn(self, "Secret", secret_arn)
            if secret_arn
            else self._new_secret(stack, removal)
        )
        self.authorizer = ImageFunction(
            self,
            "authorizer",
            images=images,
            target="inference",
            handler=HANDLER,
            description="Lets requests through by their token and its scopes",
            memory_mb=MEMORY_MB,
            timeout_seconds=TIMEOUT_SECONDS,
            environment={**environment, TOKENS_VARIABLE: secret.secret_arn},
            statements=authorizer_statements(secret=secret),
            log_groups=log_groups,
        )
        self.http_authorizer = authorizers.HttpLambdaAuthorizer(
            "tokens",
            self.authorizer.live,
            response_types=[authorizers.HttpLambdaResponseType.SIMPLE],
            identity_source=list(IDENTITY_SOURCES),
            # as short as the authorizer keeps the tokens: a decision outlives a revoked token by no more
            results_cache_ttl=Duration.seconds(GATEWAY_SECONDS),
        )

    def _new_secret(self, stack: str, removal: RemovalPolicy) -> secretsmanager.Secret:
        secret = secretsmanager.Secret(
            self,
            "Secret",
            secret_name=self.secret_name,
            description=f"SHA-256 of the API tokens of {stack}: despliegue token writes them",
            secret_string_value=SecretValue.unsafe_plain_text(NO_TOKENS),
            removal_policy=removal,
        )
        acknowledge(secret, "SMG4", "hashes of many tokens, each rotated by its owner: despliegue token create, revoke")
        return secret
