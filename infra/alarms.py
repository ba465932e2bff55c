"""Alarms to one topic: what an operator should know before callers complain."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.telemetry import PERIOD, Telemetry

# A share of the timeout: requests that take longer are close to being cut off.
SLOW_SHARE = 0.8
# A release goes back on these; CodeDeploy takes ten at most. The gateway's are those of all functions behind it.
STOPPING_RELEASES = ("gateway-failures", "authorizer-crashes", "trainer-crashes")
# One slow period may be a cold start; two of three are not.
SLOW_PERIODS, EVALUATED_PERIODS = 2, 3


class Alarms(Construct):
    """All alarms of a stage. Each one publishes to `topic`, which forwards to `email` if that is given.

    `timeouts` are the seconds of the predict functions by model. Missing data raises no alarm: functions that nobody
    calls have no metrics.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stack: str,
        telemetry: Telemetry,
        timeouts: Mapping[str, int],
        email: str | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._stack = stack
        self._telemetry = telemetry
        self.topic = self._topic(email)
        self._by_name: dict[str, cloudwatch.Alarm] = {}
        for service, function in telemetry.serving.items():
            self._crashes(service, function)
            self._throttles(service, function)
            self._any(
                f"{service}-failures",
                telemetry.metric("ServerErrors", service=service),
                f"{service} answers requests with a 5xx",
            )
        for model, function in telemetry.predict.items():
            self._slow(f"predict-{model}", function, timeouts[model])
            self._any(
                f"predict-{model}-stale",
                telemetry.metric("StaleServing", service=f"predict-{model}"),
                f"{model} answers with an old version, because the promoted one cannot be served",
            )
        self._crashes("authorizer", telemetry.authorizer)
        self._throttles("authorizer", telemetry.authorizer)
        self._crashes("trainer", telemetry.trainer)
        self._queue_and_gateway()

    @property
    def stopping_releases(self) -> list[cloudwatch.Alarm]:
        """The alarms that end a deployment and take it back."""
        return [self._by_name[name] for name in STOPPING_RELEASES]

    def _queue_and_gateway(self) -> None:
        self._any(
            "tokens-unreadable",
            self._telemetry.metric("TokensUnreadable", service="authorizer"),
            "The tokens cannot be read: those that were read last are good for five minutes, then nobody gets in",
        )
        self._any(
            "pings-failed",
            self._telemetry.pings.metric_failed(period=PERIOD),
            "A function did not answer its daily ping: the execution of the state machine shows which one",
        )
        self._any(
            "gateway-failures",
            self._telemetry.api.metric_server_error(period=PERIOD),
            "The gateway answers 5xx: see function_error and authorizer_error in the access log",
        )
        self._any(
            "jobs-failed", self._telemetry.metric("JobsFailed", service="trainer"), "A training job failed for good"
        )
        self._any(
            "dead-letters",
            self._telemetry.dead_letters.metric_approximate_number_of_messages_visible(period=PERIOD),
            "Uploads that could not be processed are in the dead-letter queue",
        )

    def _crashes(self, service: str, function: lambda_.IFunction) -> None:
        self._any(
            f"{service}-crashes",
            function.metric_errors(period=PERIOD),
            f"{service} dies, raises an error, or is cut off at its timeout",
        )

    def _throttles(self, service: str, function: lambda_.IFunction) -> None:
        self._any(
            f"{service}-throttles",
            function.metric_throttles(period=PERIOD),
            f"Requests to {service} are refused: the concurrency of the function or of the account is used up",
        )

    def _slow(self, service: str, function: lambda_.IFunction, timeout_seconds: int) -> None:
        self._alarm(
            f"{service}-slow",
            function.metric_duration(period=PERIOD, statistic="p99"),
            f"1 in 100 requests to {service} takes more than {SLOW_SHARE:.0%} of its timeout of {timeout_seconds} s",
            threshold=round(SLOW_SHARE * timeout_seconds * 1000),
            periods=SLOW_PERIODS,
            evaluated=EVALUATED_PERIODS,
        )

    def _any(self, name: str, metric: cloudwatch.IMetric, description: str) -> None:
        self._alarm(name, metric, description, threshold=0, periods=1, evaluated=1)

    def _alarm(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        description: str,
        *,
        threshold: float,
        periods: int,
        evaluated: int,
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_name=f"{self._stack}-{name}",
            alarm_description=description,
            metric=metric,
            threshold=threshold,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            datapoints_to_alarm=periods,
            evaluation_periods=evaluated,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        self._by_name[name] = alarm

    def _topic(self, email: str | None) -> sns.Topic:
        topic = sns.Topic(self, "Topic", enforce_ssl=True)
        stack = Stack.of(self)
        # A topic with a policy of its own, here for TLS, loses the one that lets alarms in.
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={
                    "StringEquals": {"aws:SourceAccount": stack.account},
                    "ArnLike": {
                        "aws:SourceArn": stack.format_arn(
                            service="cloudwatch",
                            resource="alarm",
                            resource_name=f"{self._stack}-*",
                            arn_format=ArnFormat.COLON_RESOURCE_NAME,
                        )
                    },
                },
            )
        )
        if email is not None:
            topic.add_subscription(subscriptions.EmailSubscription(email))
        return topic
