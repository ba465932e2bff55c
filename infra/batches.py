"""Batches: a file that arrives to be predicted starts the state machine, which runs one function for all models."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aws_cdk import Duration, Names, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from functions.core.environment import BATCH_DAYS_VARIABLE, BATCH_MACHINE_VARIABLE, PREDICTIONS_VARIABLE
from infra.batch_machine import BatchMachine, machine_arn
from infra.function import ImageFunction
from infra.image import Images
from infra.log_groups import LogGroups
from infra.permissions import announcing_statements, batch_stages_statements, batch_statements, calling_statements

WORKER_HANDLER = "functions.batch_worker.handler.handler"
STAGES_HANDLER = "functions.batch_stages.handler.handler"
TIMEOUT_SECONDS = 900
VISIBILITY_SECONDS = TIMEOUT_SECONDS + 60
# To start an execution takes moments, and files that arrive together may wait for each other.
NOTICES_AT_ONCE = 10
CONCURRENT_STARTS = 2
MAX_RECEIVE_COUNT = 5


class BatchService(Construct):
    """The functions and the state machine of batches.

    `worker` takes notices of files from `queue`, plans, predicts and ends; `stages` does what needs the training image.
    `schedules` are those of the models, by name; each time makes a batch.
    `table` takes the predictions to look up, for `days`. A notice that is received five times in vain goes to
    `dead_letters`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stack: str,
        images: Images,
        registry: s3.IBucket,
        uploads: s3.IBucket,
        table: dynamodb.ITable,
        dead_letters: sqs.IQueue,
        environment: Mapping[str, str],
        bus_arn: str,
        memory_mb: int,
        training_memory_mb: int,
        training_storage_mb: int,
        concurrency: int,
        days: int,
        schedules: Mapping[str, str],
        log_groups: LogGroups,
    ) -> None:
        super().__init__(scope, construct_id)
        name = f"{stack}-batches"
        own_machine = machine_arn(Stack.of(self), name)
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            visibility_timeout=Duration.seconds(VISIBILITY_SECONDS),
            dead_letter_queue=sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=MAX_RECEIVE_COUNT),
        )
        self.worker = ImageFunction(
            self,
            "batch",
            images=images,
            target="inference",
            handler=WORKER_HANDLER,
            description="Plans batches, predicts their shards and writes their results",
            memory_mb=memory_mb,
            timeout_seconds=TIMEOUT_SECONDS,
            environment={
                **environment,
                PREDICTIONS_VARIABLE: table.table_name,
                BATCH_DAYS_VARIABLE: str(days),
                BATCH_MACHINE_VARIABLE: own_machine,
            },
            statements=[
                *batch_statements(
                    registry=registry, uploads=uploads, table=table, queue=self.queue, machine_arn=own_machine
                ),
                *announcing_statements(bus_arn=bus_arn),
            ],
            log_groups=log_groups,
        )
        # within the function, as the trainer's: the logical name of an alias is another with each version
        lambda_.EventSourceMapping(
            self.worker.function,
            f"SqsEventSource:{Names.node_unique_id(self.queue.node)}",
            target=self.worker.live,
            event_source_arn=self.queue.queue_arn,
            batch_size=NOTICES_AT_ONCE,
            max_concurrency=CONCURRENT_STARTS,
            report_batch_item_failures=True,
        )
        self.stages = ImageFunction(
            self,
            "batch-stages",
            images=images,
            target="training",
            handler=STAGES_HANDLER,
            description="Converts files of batches that are not plain, and makes Parquet and metrics of results",
            memory_mb=training_memory_mb,
            timeout_seconds=TIMEOUT_SECONDS,
            storage_mb=training_storage_mb,
            environment=environment,
            statements=[
                *batch_stages_statements(registry=registry, uploads=uploads),
                *announcing_statements(bus_arn=bus_arn),
            ],
            log_groups=log_groups,
        )
        self._schedule(schedules)
        self.machine = BatchMachine(
            self,
            "Steps",
            name=name,
            worker=self.worker.live,
            stages=self.stages.live,
            registry=registry,
            concurrency=concurrency,
            timeout_seconds=TIMEOUT_SECONDS,
        ).machine

    def _schedule(self, schedules: Mapping[str, str]) -> None:
        """Call the worker at the times of each model."""
        if not schedules:
            return
        arn = self.worker.live.function_arn
        starter = iam.Role(
            self,
            "Starter",
            assumed_by=iam.ServicePrincipal("scheduler.amazonaws.com"),
            inline_policies={"Permissions": iam.PolicyDocument(statements=calling_statements([arn]))},
        )
        for model, schedule in schedules.items():
            scheduler.CfnSchedule(
                self,
                f"Schedule-{model}",
                schedule_expression=schedule,
                flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
                target=scheduler.CfnSchedule.TargetProperty(
                    arn=arn,
                    role_arn=starter.role_arn,
                    input=json.dumps({"step": "schedule", "model": model, "time": "<aws.scheduler.scheduled-time>"}),
                ),
            )
