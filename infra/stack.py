"""The stack: all constructs and how they are joined."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import CfnOutput, RemovalPolicy, Stack
from constructs import Construct

from functions.core.definition import Definition
from functions.core.environment import BASE_PATH_VARIABLE, DEPLOYMENT_VARIABLE, REGISTRY_VARIABLE, UPLOADS_VARIABLE
from infra.alarms import Alarms
from infra.api import Api
from infra.arrivals import announce
from infra.authorizer import TokenAuthorizer
from infra.batches import BatchService
from infra.buckets import Buckets
from infra.budget import Budget
from infra.dashboard import Dashboard
from infra.domain import Domain
from infra.image import Images
from infra.importing import Importing, read_build_digest
from infra.inference import Inference
from infra.log_groups import LogGroups
from infra.lookup_table import LookupTable
from infra.memory import ONE_CPU_MB, every_model_memory_mb
from infra.permissions import TO_PREDICT_PREFIX, UPLOAD_PREFIX
from infra.pings import Pings
from infra.pruning import DailyPruning
from infra.releases import Releases
from infra.settings import Settings
from infra.telemetry import Telemetry
from infra.tracing import Tracing
from infra.training import Training
from infra.webhook import AnnouncedByWebhook

# What the rollback of a first deployment finds was never used: it goes, or its name would stand in the way of the next.
REMOVAL = {"retain": RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, "destroy": RemovalPolicy.DESTROY}


class DespliegueStack(Stack):
    """All resources of one stage.

    `root` is the build context of the images, with Dockerfile.lambda and the folder that `despliegue build` wrote.
    Raises BuildError or DamagedVersionError where that folder is not whole.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        definitions: Mapping[str, Definition],
        settings: Settings,
        root: Path,
    ) -> None:
        super().__init__(scope, construct_id, description=f"Despliegue, serverless model serving: {settings.stage}")
        build = root / "build"
        removal = REMOVAL[settings.removal]
        log_groups = LogGroups(days=settings.log_days, removal=removal)
        images = Images(
            root=root, platform=settings.platform, base_image=settings.base_image, cache=settings.image_cache
        )
        # The id is a part of the buckets' logical names: with another one, a deployment would make new, empty buckets.
        buckets = Buckets(
            self, "Storage", removal=removal, upload_days=settings.upload_days, batch_days=settings.batch_days
        )
        table = LookupTable(self, "Lookups", removal=removal).table
        namespace = f"Despliegue/{settings.stage}"
        reporting = {"POWERTOOLS_METRICS_NAMESPACE": namespace}
        environment = {
            **reporting,
            REGISTRY_VARIABLE: f"s3://{buckets.registry.bucket_name}",
            UPLOADS_VARIABLE: f"s3://{buckets.uploads.bucket_name}",
        }
        below = {BASE_PATH_VARIABLE: settings.base_path} if settings.base_path else {}
        bus_arn = self.format_arn(service="events", resource="event-bus", resource_name="default")
        training = Training(
            self,
            "Training",
            images=images,
            registry=buckets.registry,
            uploads=buckets.uploads,
            environment={**environment, DEPLOYMENT_VARIABLE: construct_id},
            memory_mb=settings.training_memory_mb,
            storage_mb=settings.training_storage_mb,
            bus_arn=bus_arn,
            log_groups=log_groups,
        )
        batch_memory_mb = every_model_memory_mb(definitions, build / "versions", least_mb=ONE_CPU_MB)
        batches = BatchService(
            self,
            "Batches",
            stack=construct_id,
            images=images,
            registry=buckets.registry,
            uploads=buckets.uploads,
            table=table,
            dead_letters=training.dead_letters,
            environment={**environment, DEPLOYMENT_VARIABLE: construct_id},
            bus_arn=bus_arn,
            memory_mb=batch_memory_mb,
            training_memory_mb=settings.training_memory_mb,
            training_storage_mb=settings.training_storage_mb,
            concurrency=settings.batch_concurrency,
            days=settings.batch_days,
            schedules={name: one.batch.schedule for name, one in definitions.items() if one.batch},
            log_groups=log_groups,
        )
        announce(buckets.uploads, {UPLOAD_PREFIX: training.queue, TO_PREDICT_PREFIX: batches.queue})
        importing = Importing(
            self,
            "Importing",
            digest=read_build_digest(build),
            asks_gate=settings.promote == "gate",
            images=images,
            registry=buckets.registry,
            environment=environment,
            memory_mb=every_model_memory_mb(definitions, build / "versions", least_mb=settings.training_memory_mb),
            log_groups=log_groups,
        )
        inference = Inference(
            self,
            "Inference",
            definitions=definitions,
            versions=build / "versions",
            images=images,
            registry=buckets.registry,
            uploads=buckets.uploads,
            table=table,
            environment={**environment, **below},
            trainer_memory_mb=settings.training_memory_mb,
            batch_memory_mb=batch_memory_mb,
            batch_days=settings.batch_days,
            log_groups=log_groups,
        )
        for function in inference.predict.values():
            function.publish_after(importing)
        if settings.retention or any(definition.retention for definition in definitions.values()):
            DailyPruning(
                self,
                "Pruning",
                images=images,
                registry=buckets.registry,
                uploads=buckets.uploads,
                environment=environment,
                retention=settings.retention,
                log_groups=log_groups,
            )
        tokens = TokenAuthorizer(
            self,
            "Tokens",
            stack=construct_id,
            images=images,
            environment=reporting,
            log_groups=log_groups,
            secret_arn=settings.tokens_secret,
            removal=removal,
        )
        pinged = [importing.function.function_arn]
        if settings.webhook_url:
            webhook = AnnouncedByWebhook(
                self,
                "Webhook",
                resource=construct_id,
                url=settings.webhook_url,
                images=images,
                environment=reporting,
                log_groups=log_groups,
                removal=removal,
            )
            pinged.append(webhook.function.function_arn)
            CfnOutput(self, "WebhookSecret", value=webhook.secret.secret_name)
        if settings.budget_usd and settings.alarm_email:
            Budget(self, "Budget", name=construct_id, usd=settings.budget_usd, email=settings.alarm_email)
        if settings.tracing == "on":
            Tracing(self, "Tracing")
        api = Api(
            self,
            "Api",
            name=construct_id,
            definitions=definitions,
            control=inference.control.live,
            predict={model: function.live for model, function in inference.predict.items()},
            authorizer=tokens.http_authorizer,
            log_groups=log_groups,
            throttle_rate=settings.throttle_rate,
            throttle_burst=settings.throttle_burst,
            origins=settings.origins,
            has_default_endpoint=settings.default_endpoint == "open",
        )
        released = {
            **{f"predict-{model}": function for model, function in inference.predict.items()},
            "control": inference.control,
            "authorizer": tokens.authorizer,
            "trainer": training.trainer,
            "batch": batches.worker,
            "batch-stages": batches.stages,
        }
        pings = Pings(
            self,
            "Pings",
            arns=[*(one.live.function_arn for one in released.values()), *pinged],
        )
        telemetry = Telemetry(
            namespace=namespace,
            api=api.http_api,
            predict={model: function.function for model, function in inference.predict.items()},
            control=inference.control.function,
            authorizer=tokens.authorizer.function,
            trainer=training.trainer.function,
            batch=batches.worker.function,
            batches=batches.machine,
            queue=training.queue,
            dead_letters=training.dead_letters,
            pings=pings.machine,
        )
        alarms = Alarms(self, "Alarms", stack=construct_id, telemetry=telemetry, email=settings.alarm_email)
        if settings.deployment == "canary":
            Releases(self, "Releases", functions=released, alarms=alarms.stopping_releases)
        Dashboard(self, "Dashboard", name=construct_id, telemetry=telemetry)
        self._add_addresses(api, settings)
        CfnOutput(self, "UploadBucket", value=buckets.uploads.bucket_name)
        CfnOutput(self, "RegistryBucket", value=buckets.registry.bucket_name)
        CfnOutput(self, "PredictionsTable", value=table.table_name)
        CfnOutput(self, "DeadLetters", value=training.dead_letters.queue_arn)
        CfnOutput(self, "TokensSecret", value=tokens.secret_name)

    def _add_addresses(self, api: Api, settings: Settings) -> None:
        """The addresses of the API as outputs, and a domain if the settings name one."""
        if settings.domain_name is None or settings.certificate_arn is None:
            CfnOutput(self, "ApiUrl", value=api.url)
            return
        domain = Domain(
            self,
            "Domain",
            stage=api.stage,
            name=settings.domain_name,
            certificate_arn=settings.certificate_arn,
            base_path=settings.base_path,
            hosted_zone_id=settings.hosted_zone_id,
        )
        CfnOutput(self, "ApiUrl", value=api.url if settings.default_endpoint == "open" else domain.url)
        CfnOutput(self, "DomainUrl", value=domain.url)
        CfnOutput(self, "DomainTarget", value=domain.target)
