"""The webhook: a rule for the events of this deployment, and the function that posts them."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from functions.core.environment import WEBHOOK_SECRET_VARIABLE, WEBHOOK_URL_VARIABLE
from infra.findings import acknowledge
from infra.function import ImageFunction
from infra.image import Images
from infra.log_groups import LogGroups
from infra.permissions import EVENT_SOURCE, webhook_statements

HANDLER = "functions.webhook.handler.handler"
MEMORY_MB = 256
# Three attempts of ten seconds and the pauses between them (functions/core/webhooks.py).
TIMEOUT_SECONDS = 60
SECRET_CHARACTERS = 48
MAX_EVENT_AGE_HOURS = 2


class AnnouncedByWebhook(Construct):
    """Posts every event of the deployment `resource` to `url`; `secret` holds what signs them."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        resource: str,
        url: str,
        images: Images,
        environment: Mapping[str, str],
        log_groups: LogGroups,
        removal: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.secret = secretsmanager.Secret(
            self,
            "Secret",
            description="Signs the webhooks of Despliegue",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                exclude_punctuation=True, password_length=SECRET_CHARACTERS
            ),
            removal_policy=removal,
        )
        acknowledge(self.secret, "SMG4", "its receiver must know the new one at the same moment")
        self.function = ImageFunction(
            self,
            "webhook",
            images=images,
            target="inference",
            handler=HANDLER,
            description="Posts the ends of trainings and batches to an address, signed",
            memory_mb=MEMORY_MB,
            timeout_seconds=TIMEOUT_SECONDS,
            environment={
                **environment,
                WEBHOOK_URL_VARIABLE: url,
                WEBHOOK_SECRET_VARIABLE: self.secret.secret_arn,
            },
            statements=webhook_statements(secret=self.secret),
            log_groups=log_groups,
        ).function
        events.Rule(
            self,
            "Rule",
            description="Ends of trainings and batches",
            event_pattern=events.EventPattern(source=[EVENT_SOURCE], resources=[resource]),
            targets=[
                targets.LambdaFunction(
                    self.function, retry_attempts=2, max_event_age=Duration.hours(MAX_EVENT_AGE_HOURS)
                )
            ],
        )
