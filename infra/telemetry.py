"""The resources of one stage that alarms and dashboard watch, and the metrics that its functions report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as stepfunctions

PERIOD = Duration.minutes(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """`namespace` is POWERTOOLS_METRICS_NAMESPACE of all functions; the keys of `predict` are names of models."""

    namespace: str
    api: apigateway.HttpApi
    predict: Mapping[str, lambda_.IFunction]
    control: lambda_.IFunction
    authorizer: lambda_.IFunction
    trainer: lambda_.IFunction
    batch: lambda_.IFunction
    batches: stepfunctions.IStateMachine
    queue: sqs.IQueue
    dead_letters: sqs.IQueue
    pings: stepfunctions.IStateMachine

    @property
    def serving(self) -> dict[str, lambda_.IFunction]:
        """The functions behind the API, by their service names."""
        return {**{f"predict-{model}": one for model, one in self.predict.items()}, "control": self.control}

    def metric(self, name: str, *, service: str | None = None, statistic: str = "Sum") -> cloudwatch.Metric:
        """The metric `name` that the function `service` reports; without a service over all functions.

        Functions report over all what is in functions.aws.metrics.WATCHED, and nothing else.
        """
        return cloudwatch.Metric(
            namespace=self.namespace,
            metric_name=name,
            dimensions_map={"service": service} if service else None,
            statistic=statistic,
            period=PERIOD,
        )
