"""Alarms to one topic: what an operator should know before callers complain.

There is one alarm for each kind of fault, and not one for each model: CloudWatch bills every metric that an alarm
reads, so a further model costs nothing here. The description, which is in the mail, says where to find the model.
"""

from __future__ import annotations

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.telemetry import PERIOD, Telemetry

# A deployment of the functions goes back on these. Those that a promotion or the load can raise are not among them,
# because they would keep a remedy from being deployed.
STOPPING_RELEASES = ("gateway-failures", "authorizer-crashes", "trainer-crashes", "batch-crashes")
# One slow period may be a cold start; two of three are not.
SLOW_PERIODS, EVALUATED_PERIODS = 2, 3
# Five trainers work through files that came together; one that waits longer than this waits for nobody.
OLDEST_UPLOAD = Duration.hours(1)
GATEWAY_QUERY = "filter status >= 500 | stats count() by route, status, function_error, authorizer_error"
"""A query of the access log: which functions failed, and how."""


class Alarms(Construct):
    """All alarms of a stage. Each one publishes to `topic`, which forwards to `email` if that is given.

    Missing data raises no alarm: functions that nobody calls have no metrics.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stack: str,
        telemetry: Telemetry,
        email: str | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._stack = stack
        self._telemetry = telemetry
        self.topic = self._topic(email)
        self._by_name: dict[str, cloudwatch.Alarm] = {}
        self._serving()
        self._training()
        self._batches()

    @property
    def stopping_releases(self) -> list[cloudwatch.Alarm]:
        """The alarms that end a deployment of the functions and take it back."""
        return [self._by_name[name] for name in STOPPING_RELEASES]

    def _serving(self) -> None:
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
            # whatever a function does wrong is a 5xx here: its own, or the gateway's where it died, was cut off, or was
            # refused because concurrency is used up
            self._telemetry.api.metric_server_error(period=PERIOD),
            f"Requests are answered 5xx. Which function: the dashboard of {self._stack}, or a query of the access log: "
            f"{GATEWAY_QUERY}",
        )
        self._any(
            "authorizer-crashes",
            self._telemetry.authorizer.metric_errors(period=PERIOD),
            "The authorizer raises an error, so nobody gets in: see its log, and whether the tokens can be read",
        )
        self._any(
            "stale",
            self._telemetry.metric("StaleServing"),
            "A model answers with an old version, because the promoted one cannot be served. Which model, and why: "
            f"the dashboard of {self._stack}, and the log of its predict function",
        )
        self._alarm(
            "slow",
            self._telemetry.metric("SlowAnswers"),
            "Predictions take most of the timeout of their model, again and again. Which model: the dashboard of "
            f"{self._stack}, Slow answers",
            periods=SLOW_PERIODS,
            evaluated=EVALUATED_PERIODS,
        )

    def _training(self) -> None:
        trainer, queue = self._telemetry.trainer, self._telemetry.queue
        jobs = "GET /models/{model}/jobs has its reason, and the trainer's log its model"
        self._any("trainer-crashes", trainer.metric_errors(period=PERIOD), "The trainer dies or runs out of time")
        self._any(
            "trainer-throttles",
            trainer.metric_throttles(period=PERIOD),
            "Trainers are refused, because the concurrency of the account is used up; uploads wait meanwhile",
        )
        self._any(
            "jobs-failed",
            self._telemetry.metric("JobsFailed", service="trainer"),
            f"A training job failed for good: {jobs}",
        )
        self._any(
            "jobs-refused",
            self._telemetry.metric("JobsRefused", service="trainer"),
            f"The rows of a training job were refused: {jobs}",
        )
        self._any(
            "dead-letters",
            self._telemetry.dead_letters.metric_approximate_number_of_messages_visible(period=PERIOD),
            "Uploads that could not be processed are in the dead-letter queue: see the trainer's log, and docs/aws.md, "
            "Dead letters",
        )
        self._any(
            "uploads-wait",
            queue.metric_approximate_age_of_oldest_message(period=PERIOD, statistic="Maximum"),
            "An upload waits for an hour: is the trainer's event source enabled, and is there concurrency left?",
            threshold=OLDEST_UPLOAD.to_seconds(),
        )

    def _batches(self) -> None:
        self._any(
            "batches-failed",
            self._telemetry.batches.metric_failed(period=PERIOD),
            "Rows of a batch have no prediction: its file was refused, or shards were lost. The input of the failed "
            "execution names the batch, and GET /models/{model}/batches/{batch} has the reason",
        )
        self._any(
            "batch-crashes",
            self._telemetry.batch.metric_errors(period=PERIOD),
            "The function of batches dies, fails or runs out of time; each shard is tried three times",
        )

    def _any(self, name: str, metric: cloudwatch.IMetric, description: str, *, threshold: float = 0) -> None:
        self._alarm(name, metric, description, periods=1, evaluated=1, threshold=threshold)

    def _alarm(
        self,
        name: str,
        metric: cloudwatch.IMetric,
        description: str,
        *,
        periods: int,
        evaluated: int,
        threshold: float = 0,
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
