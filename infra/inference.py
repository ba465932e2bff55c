"""The serving functions, all from the inference image: one for each model, and control."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from constructs import Construct

from functions.core.definition import LONGEST_TIMEOUT_SECONDS, Definition
from functions.core.environment import (
    BATCH_DAYS_VARIABLE,
    BATCH_MEMORY_VARIABLE,
    FRESHNESS_SECONDS_VARIABLE,
    MODEL_VARIABLE,
    PREDICTIONS_VARIABLE,
    TRAINER_MEMORY_VARIABLE,
)
from infra.function import ImageFunction
from infra.image import Images
from infra.log_groups import LogGroups
from infra.memory import memory_mb
from infra.permissions import control_statements, predict_statements

PREDICT_HANDLER = "functions.inference.predict_handler.handler"
CONTROL_HANDLER = "functions.inference.control_handler.handler"
CONTROL_MEMORY_MB = 1024


class Inference(Construct):
    """`predict` holds the function of each model by the model's name; `control` serves all other routes.

    `versions` is the folder of built versions, one folder for each model; in `table` control looks predictions up.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        definitions: Mapping[str, Definition],
        versions: Path,
        images: Images,
        registry: s3.IBucket,
        uploads: s3.IBucket,
        table: dynamodb.ITable,
        environment: Mapping[str, str],
        trainer_memory_mb: int,
        batch_memory_mb: int,
        batch_days: int,
        log_groups: LogGroups,
    ) -> None:
        super().__init__(scope, construct_id)
        self.predict = {
            name: ImageFunction(
                self,
                f"predict-{name}",
                images=images,
                target="inference",
                handler=PREDICT_HANDLER,
                description=f"Predictions of the model {name}",
                memory_mb=memory_mb(definition, versions / name),
                timeout_seconds=definition.function.timeout_seconds,
                storage_mb=definition.function.storage_mb,
                reserved_concurrency=definition.function.reserved_concurrency,
                snap_start=definition.function.snap_start,
                environment={
                    **environment,
                    MODEL_VARIABLE: name,
                    FRESHNESS_SECONDS_VARIABLE: str(definition.function.freshness_seconds),
                },
                statements=predict_statements(registry=registry, model=name),
                log_groups=log_groups,
            )
            for name, definition in definitions.items()
        }
        self.control = ImageFunction(
            self,
            "control",
            images=images,
            target="inference",
            handler=CONTROL_HANDLER,
            description="Catalogue, training requests, jobs, versions, promotion, batches and lookups",
            memory_mb=CONTROL_MEMORY_MB,
            timeout_seconds=LONGEST_TIMEOUT_SECONDS,
            environment={
                **environment,
                TRAINER_MEMORY_VARIABLE: str(trainer_memory_mb),
                PREDICTIONS_VARIABLE: table.table_name,
                BATCH_MEMORY_VARIABLE: str(batch_memory_mb),
                BATCH_DAYS_VARIABLE: str(batch_days),
            },
            statements=control_statements(registry=registry, uploads=uploads, table=table),
            log_groups=log_groups,
        )
