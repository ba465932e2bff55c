"""A replacement for the AWS base image, and the images of a synthesised stack, all built by buildah."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.rehearsal.commands import output_of, run
from tools.rehearsal.places import Places

RECIPE = Path(__file__).parent / "base"
SUITE = "trixie"
"""Debian 13, whose Python is the 3.13 of the AWS base image."""
SYSTEM_PACKAGES = "python3,python3-pip,ca-certificates"
AWSLAMBDARIC = "4.2.2"
SAM = "1.170.0"
"""The package that ships the emulator of the runtime interface as a program."""
RIE = {"x86_64": "x86_64", "aarch64": "arm64"}
# the compiled module counts for Python, whatever its source says
BREAKING = """RUN rm functions/inference/__pycache__/predict_handler.* \\
    && echo 'raise RuntimeError("broken on purpose")' > functions/inference/predict_handler.py
"""
ACCOUNT, REGION = "000000000000", "us-east-1"


@dataclass(frozen=True, slots=True)
class Builder:
    """A builder of images in the cache; `mounts` are folders and files that a build can read."""

    places: Places
    environment: Mapping[str, str]
    mounts: Sequence[str]

    def base(self) -> str:
        """The name of the base image, which is built once for each recipe."""
        files = sorted(RECIPE.iterdir())
        recipe = b"".join(file.read_bytes() for file in files) + f"{SUITE} {AWSLAMBDARIC} {SAM}".encode()
        name = f"localhost/lambda-base:{hashlib.sha256(recipe).hexdigest()[:12]}"
        if not self._has(name):
            context = self.places.folder / "base"
            context.mkdir(exist_ok=True)
            self._prepare(context)
            for file in files:
                shutil.copy2(file, context)
            options = [f"--build-arg=AWSLAMBDARIC={AWSLAMBDARIC}", f"--file={context / 'Containerfile'}"]
            self._build(name, context, options, self.places.log("base"))
        return name

    def stack(self, assembly: Path) -> dict[str, str]:
        """Build the images of a cloud assembly under the names that CloudFormation will ask for.

        Returns the name of each image by its target.

        The emulator's registry claims to have every image, so that the CDK would build none.
        """
        built = {}
        for source, name in _images(assembly):
            context = assembly / source["directory"]
            arguments = source.get("dockerBuildArgs", {}).items()
            options = [
                *(f"--build-arg={key}={value}" for key, value in arguments),
                f"--target={source['dockerBuildTarget']}",
                f"--platform={source['platform']}",
                f"--file={context / source['dockerFile']}",
            ]
            if not self._has(name):
                self._build(name, context, options, self.places.log(f"image-{source['dockerBuildTarget']}"))
            built[source["dockerBuildTarget"]] = name
        return built

    def broken(self, assembly: Path, images: Mapping[str, str]) -> None:
        """Build the images of a cloud assembly from `images`, by target; their predict functions die at their start."""
        context = self.places.folder / "broken"
        context.mkdir(exist_ok=True)
        for source, name in _images(assembly):
            target = source["dockerBuildTarget"]
            recipe = context / target
            recipe.write_text(f"FROM {images[target]}\n{BREAKING if target == 'inference' else ''}")
            self._build(name, context, [f"--file={recipe}"], self.places.log(f"image-broken-{target}"))

    def size_mb(self, name: str) -> float:
        """The uncompressed size of an image in millions of bytes."""
        command = ["podman", "image", "inspect", "--format", "{{.Size}}", name]
        return int(output_of(command, self.environment)) / 1e6

    def _prepare(self, context: Path) -> None:
        log = self.places.log("base")
        system = context / "system.tar"
        if not system.exists():
            unfinished = context / "unfinished.tar"
            excluded = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "man", "locale")]
            command = ["mmdebstrap", "--mode=root", "--variant=apt", f"--include={SYSTEM_PACKAGES}", *excluded]
            run([*command, SUITE, unfinished], log)
            unfinished.rename(system)
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(context)]
        run([*pip, f"aws-sam-cli=={SAM}"], log)
        program = f"samcli/local/rapid/aws-lambda-rie-{RIE[platform.machine()]}"
        run(["unzip", "-jo", next(context.glob("aws_sam_cli-*.whl")), program, "-d", context], log)
        (context / Path(program).name).rename(context / "aws-lambda-rie")

    def _build(self, name: str, context: Path, options: Sequence[str], log: Path) -> None:
        command = ["buildah", "build", "--isolation", "chroot", "--layers", *self.mounts, "--tag", name]
        run([*command, *options, context], log, environment=self.environment)

    def _has(self, name: str) -> bool:
        return name in output_of(["buildah", "images", "--format", "{{.Name}}:{{.Tag}}"], self.environment).split()


def _images(assembly: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """The source of each image of a cloud assembly, and the name under which CloudFormation will ask for it."""
    for file in assembly.glob("*.assets.json"):
        for asset in json.loads(file.read_bytes())["dockerImages"].values():
            yield asset["source"], _name(next(iter(asset["destinations"].values())))


def _name(destination: Mapping[str, str]) -> str:
    repository = destination["repositoryName"].replace("${AWS::AccountId}", ACCOUNT).replace("${AWS::Region}", REGION)
    return f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{repository}:{destination['imageTag']}"
