"""The dashboard of a stage: requests, latency, errors and training."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infra.telemetry import PERIOD, Telemetry

WIDTH, HEIGHT = 8, 6


class Dashboard(Construct):
    """Graphs of one stage; those of serving have a line for each model, and one for control where it has the metric."""

    def __init__(self, scope: Construct, construct_id: str, *, name: str, telemetry: Telemetry) -> None:
        super().__init__(scope, construct_id)
        self._telemetry = telemetry
        self._predict = [f"predict-{model}" for model in telemetry.predict]
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            # dashboards are the account's: two regions may have a stage of the same name
            dashboard_name=f"{name}-{Stack.of(self).region}",
            widgets=[
                [self._requests(), self._latency("p50"), self._latency("p99")],
                [
                    self._failures(),
                    self._reported("Answered by an old version", "StaleServing"),
                    self._reported("Refused (4xx)", "Refusals"),
                ],
                [
                    self._reported("Slow answers", "SlowAnswers"),
                    self._reported("Warnings", "Warnings"),
                    self._reported("Cold starts", "ColdStart"),
                ],
                [self._reported("Rows predicted", "Rows"), self._throttled()],
                [self._queue(), self._age(), self._jobs()],
                [self._batches(), self._batch_rows(), self._batch_seconds()],
            ],
        )

    def _requests(self) -> cloudwatch.GraphWidget:
        return _graph(
            "Requests",
            [one.metric_invocations(period=PERIOD, label=name) for name, one in self._telemetry.serving.items()],
        )

    def _latency(self, statistic: str) -> cloudwatch.GraphWidget:
        services = self._telemetry.serving
        return _graph(
            f"Latency {statistic}, milliseconds",
            [self._line("Latency", one, statistic) for one in services],
        )

    def _failures(self) -> cloudwatch.GraphWidget:
        answered = [self._line("ServerErrors", one) for one in self._telemetry.serving]
        crashed = [
            function.metric_errors(period=PERIOD, label=f"{name} crashed")
            for name, function in self._telemetry.serving.items()
        ]
        return _graph("Answered 5xx, and crashed", [*answered, *crashed])

    def _throttled(self) -> cloudwatch.GraphWidget:
        functions = {
            **self._telemetry.serving,
            "authorizer": self._telemetry.authorizer,
            "trainer": self._telemetry.trainer,
            "batch": self._telemetry.batch,
        }
        return _graph(
            "Refused, because concurrency is used up",
            [one.metric_throttles(period=PERIOD, label=name) for name, one in functions.items()],
        )

    def _reported(self, title: str, name: str) -> cloudwatch.GraphWidget:
        return _graph(title, [self._line(name, service) for service in self._predict])

    def _line(self, name: str, service: str, statistic: str = "Sum") -> cloudwatch.Metric:
        return self._telemetry.metric(name, service=service, statistic=statistic).with_(label=service)

    def _queue(self) -> cloudwatch.GraphWidget:
        queue, dead_letters = self._telemetry.queue, self._telemetry.dead_letters
        return _graph(
            "Uploads that wait",
            [
                queue.metric_approximate_number_of_messages_visible(period=PERIOD, label="waiting"),
                queue.metric_approximate_number_of_messages_not_visible(period=PERIOD, label="at work"),
                dead_letters.metric_approximate_number_of_messages_visible(period=PERIOD, label="dead letters"),
            ],
        )

    def _age(self) -> cloudwatch.GraphWidget:
        age = self._telemetry.queue.metric_approximate_age_of_oldest_message(period=PERIOD, label="oldest")
        return _graph("Age of the oldest upload, seconds", [age])

    def _jobs(self) -> cloudwatch.GraphWidget:
        names = ("JobsSucceeded", "JobsRefused", "JobsSuperseded", "JobsFailed")
        ended = [self._telemetry.metric(name, service="trainer").with_(label=name) for name in names]
        return _graph("Training jobs", ended)

    def _batches(self) -> cloudwatch.GraphWidget:
        machine = self._telemetry.batches
        ended = [
            machine.metric_started(period=PERIOD, label="started"),
            machine.metric_succeeded(period=PERIOD, label="succeeded or cancelled"),
            machine.metric_failed(period=PERIOD, label="failed or partial"),
        ]
        crashes = self._telemetry.batch.metric_errors(period=PERIOD, label="crashes of the function")
        return _graph("Batches", [*ended, crashes])

    def _batch_rows(self) -> cloudwatch.GraphWidget:
        names = {"Rows": "predicted", "RowsRefused": "refused"}
        rows = [self._telemetry.metric(name, service="batch").with_(label=label) for name, label in names.items()]
        return _graph("Rows of batches", rows)

    def _batch_seconds(self) -> cloudwatch.GraphWidget:
        seconds = [
            self._telemetry.metric("ShardSeconds", service="batch", statistic=one).with_(label=one)
            for one in ("p50", "Maximum")
        ]
        return _graph("Seconds of a shard", seconds)


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=WIDTH, height=HEIGHT)
