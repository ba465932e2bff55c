"""`python -m tools.images cdk.out images.tar`: the images of a synthesised stack, built and saved for another machine.

`cdk deploy` builds no image that the engine already has under the CDK's own name for it. So one job, without
credentials, builds the images and runs what packages bring along, and the job that may deploy only loads and pushes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

NAME = "cdkasset-{}"
"""The name that the CDK's command line gives an image before it tags it for the repository."""


def build_commands(assembly: Path) -> dict[str, list[str]]:
    """The command that builds each image of a cloud assembly, by the image's name."""
    commands = {}
    for manifest in sorted(assembly.glob("*.assets.json")):
        images = json.loads(manifest.read_bytes()).get("dockerImages", {})
        for asset, image in images.items():
            name = NAME.format(asset.lower())
            commands[name] = _command(name, image["source"], assembly)
    return commands


def _command(name: str, source: Mapping[str, Any], assembly: Path) -> list[str]:
    context = assembly / source["directory"]
    return [
        # by buildx, because `docker build` takes the engine's own builder, which cannot keep layers elsewhere
        *("docker", "buildx", "build", "--load", "--tag", name),
        *(f"--cache-from={_cache(one)}" for one in source.get("cacheFrom", [])),
        *([f"--cache-to={_cache(source['cacheTo'])}"] if "cacheTo" in source else []),
        *(f"--build-arg={key}={value}" for key, value in source.get("dockerBuildArgs", {}).items()),
        f"--target={source['dockerBuildTarget']}",
        f"--platform={source['platform']}",
        f"--file={context / source['dockerFile']}",
        str(context),
    ]


def _cache(option: Mapping[str, Any]) -> str:
    return ",".join([f"type={option['type']}", *(f"{key}={value}" for key, value in option.get("params", {}).items())])


def save(assembly: Path, archive: Path) -> None:
    """Build all images, and write them to an archive that `docker load` reads."""
    commands = build_commands(assembly)
    for command in commands.values():
        subprocess.run(command, check=True)  # noqa: S603  # of our own manifest
    subprocess.run(["docker", "save", "--output", str(archive), *commands], check=True)  # noqa: S603, S607


def main(arguments: Sequence[str]) -> None:
    assembly, archive = map(Path, arguments)
    save(assembly, archive)


if __name__ == "__main__":
    main(sys.argv[1:])
