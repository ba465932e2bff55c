"""The container images: one Dockerfile, one target for serving and one for training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_lambda as lambda_

DOCKERFILE = "Dockerfile.lambda"
Target = Literal["inference", "training"]
# Files that a target does not copy must not rebuild it: new training code restarts no serving function.
FOREIGN: Mapping[Target, list[str]] = {
    "inference": [
        "build/versions",
        "functions/local",
        "functions/batch_stages",
        "functions/importer",
        "functions/trainer",
        "model_export",
        "models/*/*.joblib",
        "requirements/local.txt",
        "requirements/of_models.py",
        "requirements/training.txt",
    ],
    "training": [
        "build/artifacts",
        "functions/local",
        "requirements/budget.py",
        "requirements/inference.txt",
        "requirements/local.txt",
    ],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """Settings of the image builds.

    `root`/.dockerignore, which the CDK and docker both read, limits the build context and so the files in an image's
    hash. `cache` is a cache backend of docker in which each target keeps its layers; it is not part of the hash.

    The asset API cannot turn provenance off; the CDK's command line does (BUILDX_NO_DEFAULT_ATTESTATIONS).
    """

    root: Path
    platform: str
    base_image: str | None
    cache: str | None

    @property
    def architecture(self) -> lambda_.Architecture:
        return lambda_.Architecture.ARM_64 if self.platform == "linux/arm64" else lambda_.Architecture.X86_64

    def code(self, *, target: Target, handler: str) -> lambda_.DockerImageCode:
        """The image of `target`, started with `handler`; equal targets share one image."""
        return lambda_.DockerImageCode.from_image_asset(
            str(self.root),
            file=DOCKERFILE,
            target=target,
            exclude=FOREIGN[target],
            cmd=[handler],
            platform=ecr_assets.Platform.custom(self.platform),
            build_args={"BASE_IMAGE": self.base_image} if self.base_image else None,
            cache_from=[self._layers(self.cache, target)] if self.cache else None,
            cache_to=self._layers(self.cache, target, mode="max") if self.cache else None,
        )

    def _layers(self, cache: str, target: Target, **params: str) -> ecr_assets.DockerCacheOption:
        return ecr_assets.DockerCacheOption(type=cache, params={"scope": target, **params})
