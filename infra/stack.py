"""Despliegue on AWS: the constructs and how they are joined."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import CfnOutput, RemovalPolicy, Stack
from constructs import Construct

from functions.core.definition import Definition
from infra.api import Api
from infra.image import Images
from infra.inference import Inference
from infra.settings import Settings
from infra.storage import Storage
from infra.training import Training


class DespliegueStack(Stack):
    """All of one stage. `root` is the folder of Dockerfile.lambda, the build context of the images."""

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
        removal = RemovalPolicy[settings.removal.upper()]
        images = Images(root=root, platform=settings.platform, base_image=settings.base_image)
        storage = Storage(self, "Storage", removal=removal, upload_days=settings.upload_days)
        environment = {
            "DESPLIEGUE_REGISTRY": f"s3://{storage.registry.bucket_name}",
            "DESPLIEGUE_UPLOADS": f"s3://{storage.uploads.bucket_name}",
        }
        Training(
            self,
            "Training",
            images=images,
            registry=storage.registry,
            uploads=storage.uploads,
            environment=environment,
            memory_mb=settings.training_memory_mb,
            storage_mb=settings.training_storage_mb,
            removal=removal,
        )
        inference = Inference(
            self,
            "Inference",
            definitions=definitions,
            images=images,
            registry=storage.registry,
            uploads=storage.uploads,
            environment=environment,
            removal=removal,
        )
        api = Api(
            self,
            "Api",
            name=construct_id,
            definitions=definitions,
            control=inference.control,
            predict=inference.predict,
        )
        CfnOutput(self, "ApiUrl", value=api.url)
        CfnOutput(self, "UploadBucket", value=storage.uploads.bucket_name)
        CfnOutput(self, "RegistryBucket", value=storage.registry.bucket_name)
