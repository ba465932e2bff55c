"""despliegue build: write one version of each model for the images that are deployed."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from functions.core.errors import DespliegueError
from functions.core.locations import is_folder, open_storage
from functions.core.registry import Registry
from functions.local.home import Home
from model_export.commands.first_version import train_on_sample
from model_export.commands.options import add_models, definitions_of
from model_export.commands.results import add_json, give, is_json

OUT = Path("build")
REPEATABLE = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1"}
"""Settings that make trainings repeatable: the order of a set decides bytes of a joblib, threads the order of sums."""


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "build",
        help="write one version of each model for the images, before a deployment",
        description="Write one version of each model for the images: the version in production in the registry, else "
        "the one in the model's folder, else one trained on its sample.csv. The registry is that of --from, else the "
        "one of this machine in $DESPLIEGUE_HOME or .despliegue, where there is one: what is served here is deployed. "
        "Training data is included if it can be read.",
        examples=["despliegue build", "despliegue build --from s3://bucket/prefix"],
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--from",
        dest="source",
        metavar="PATH|s3://BUCKET/PREFIX",
        help="registry to take the versions in production from (default: the one of this machine, if there is one)",
    )
    source.add_argument(
        "--checkout", action="store_true", help="take no registry: the versions of the model folders and samples alone"
    )
    add_models(parser)
    parser.add_argument(
        "--out",
        type=Path,
        default=OUT,
        metavar="DIR",
        help="folder to write (default: build, which the Dockerfile copies)",
    )
    add_json(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Build, and print what came of it."""
    from model_export.image_build import BuildRequest, build, folder_size_bytes

    production, place = _production(options)
    request = BuildRequest(
        definitions=definitions_of(options),
        out=options.out,
        # what a training prints would stand in front of the document
        train=lambda definition, registry: train_on_sample(
            definition, {**os.environ, **REPEATABLE}, registry, is_quiet=is_json(options)
        ),
        production=production,
        place=place,
        report=lambda line: print(line, flush=True),
    )
    built = build(request)
    inference, training = folder_size_bytes(options.out)
    print(f"{options.out}: {inference} bytes for the inference image, {training} for the training image")
    print(f"digest {built.digest}")
    give(
        options,
        {"folder": options.out, "digest": built.digest, "inference_bytes": inference, "training_bytes": training},
    )
    return 0


def _production(options: argparse.Namespace) -> tuple[Registry | None, str]:
    """The registry whose versions in production are taken, and its name for people; None for the checkout alone."""
    if options.source is not None:
        return _registry(options.source), options.source
    home = Home.from_environment()
    if options.checkout or not home.has_registry:
        return None, ""
    return home.registry, str(home.root / "registry")


def _registry(location: str) -> Registry:
    """The registry; raises DespliegueError if it cannot be listed, because samples would be deployed instead."""
    if is_folder(location) and not Path(location).is_dir():
        raise DespliegueError(f"--from {location}: no such folder")
    storage = open_storage(location)
    storage.children("models")  # raises an error for a bucket that cannot be listed
    return Registry(storage)
