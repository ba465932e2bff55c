"""The path of an upload to training: queue -> trainer. infra/arrivals.py fills the queue."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration, Names
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.function import ImageFunction
from infra.image import Images
from infra.log_groups import LogGroups
from infra.permissions import announcing_statements, trainer_statements

HANDLER = "functions.trainer.handler.handler"
TIMEOUT_SECONDS = 900
# A message that comes again while another trainer has its job is refused by the job's lease, and waits this long once
# more. Lambda advises six times the timeout, against throttling, but a little more than the timeout is enough: the
# second time the other trainer has ended, so no healthy job reaches the dead letters, and the job of a trainer that
# died is taken up after 16 minutes, not after 90.
VISIBILITY_SECONDS = TIMEOUT_SECONDS + 60
# Files that arrive together wait in the queue, where waiting does not count as an attempt; the account's concurrency
# is left to predictions.
CONCURRENT_TRAINERS = 5
# More than a job has attempts: a trainer that Lambda refuses for want of concurrency counts as a receive, and not as an
# attempt.
MAX_RECEIVE_COUNT = 5
DEAD_LETTER_DAYS = 14


class Training(Construct):
    """`trainer` takes one upload at a time from `queue`; one received five times in vain is in `dead_letters`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        images: Images,
        registry: s3.IBucket,
        uploads: s3.IBucket,
        environment: Mapping[str, str],
        memory_mb: int,
        storage_mb: int,
        bus_arn: str,
        log_groups: LogGroups,
    ) -> None:
        super().__init__(scope, construct_id)
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(DEAD_LETTER_DAYS),
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            visibility_timeout=Duration.seconds(VISIBILITY_SECONDS),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=MAX_RECEIVE_COUNT),
        )
        self.trainer = ImageFunction(
            self,
            "trainer",
            images=images,
            target="training",
            handler=HANDLER,
            description="Trains a model from an upload, checks it and publishes a version",
            memory_mb=memory_mb,
            timeout_seconds=TIMEOUT_SECONDS,
            storage_mb=storage_mb,
            environment=environment,
            statements=[
                *trainer_statements(registry=registry, uploads=uploads, queue=self.queue),
                *announcing_statements(bus_arn=bus_arn),
            ],
            log_groups=log_groups,
        )
        # Within the function and not within its alias, whose logical name would be another one: CloudFormation would
        # make a second mapping of the queue before it deletes the first.
        lambda_.EventSourceMapping(
            self.trainer.function,
            f"SqsEventSource:{Names.node_unique_id(self.queue.node)}",
            target=self.trainer.live,
            event_source_arn=self.queue.queue_arn,
            batch_size=1,
            max_concurrency=CONCURRENT_TRAINERS,
            report_batch_item_failures=True,
        )
