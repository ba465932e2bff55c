"""The import of baked versions into the registry, as a step of the deployment: predict answers right after it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from aws_cdk import CfnOutput, CustomResource, Duration
from aws_cdk import aws_s3 as s3
from constructs import Construct

from functions.core.errors import DespliegueError
from infra.function import ImageFunction
from infra.image import Images
from infra.log_groups import LogGroups
from infra.permissions import importer_statements

HANDLER = "functions.importer.handler.handler"
TIMEOUT_SECONDS = 900
BUILD_FILE = "build.json"


class BuildError(DespliegueError):
    """The build folder is missing or not whole."""


def read_build_digest(build: Path) -> str:
    """The digest of the versions in the folder that `despliegue build` writes.

    Raises BuildError where the folder is missing or not whole.
    """
    path = build / BUILD_FILE
    try:
        digest = json.loads(path.read_text(encoding="utf-8"))["digest"]
    except FileNotFoundError:
        raise BuildError(
            f"{path} is missing: run `despliegue build` first, which writes what the images hold"
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise BuildError(f"{path} is damaged ({error}): run `despliegue build` again") from error
    return str(digest)


class Importing(Construct):
    """A custom resource that runs the importer in each deployment whose baked versions have changed."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        digest: str,
        images: Images,
        registry: s3.IBucket,
        environment: Mapping[str, str],
        memory_mb: int,
        log_groups: LogGroups,
        asks_gate: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        # Without an alias: only deployments call it, and CloudFormation takes no other ARN for a resource that exists.
        self.function = ImageFunction(
            self,
            "importer",
            images=images,
            target="training",
            handler=HANDLER,
            description="Publishes the versions of the image that the registry does not hold",
            memory_mb=memory_mb,
            timeout_seconds=TIMEOUT_SECONDS,
            environment=environment,
            statements=importer_statements(registry=registry),
            log_groups=log_groups,
        ).function
        versions = CustomResource(
            self,
            "Versions",
            resource_type="Custom::BakedVersions",
            service_token=self.function.function_arn,
            # Without it CloudFormation waits an hour for a function that dies without an answer.
            service_timeout=Duration.seconds(TIMEOUT_SECONDS + 60),
            # not without the gate: a property that is new would import again, and one that is the same changes nothing
            properties={"BakedDigest": digest, **({"Promote": "gate"} if asks_gate else {})},
        )
        versions.node.add_dependency(registry)
        if asks_gate:
            # only then: a resource that an older release made has no such attribute until it is updated
            CfnOutput(
                self,
                "Outcomes",
                value=versions.get_att_string("Outcomes"),
                description="Whether each version of the checkout was promoted, and why",
            )
