"""despliegue build: one version of each model for the images that are deployed."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from functions.core.errors import DespliegueError
from functions.core.locations import is_folder, open_storage
from functions.core.registry import Registry
from model_export.commands.first_version import train_on_sample
from model_export.commands.options import add_models, definitions_of

OUT = Path("build")
REPEATABLE = {"PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1"}
"""The order of a set decides bytes of a joblib, and the number of threads the order of sums."""


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "build",
        help="write what the images hold of the models, before a deployment",
        description="For each model the version in production in the registry --from; else the one that comes with "
        "its folder; else one trained on its sample. Training data goes along where it can be read.",
    )
    parser.add_argument(
        "--from",
        dest="source",
        metavar="PATH|s3://BUCKET/PREFIX",
        help="registry whose versions in production are taken (default: none)",
    )
    add_models(parser)
    parser.add_argument("--out", type=Path, default=OUT, help="default: build, where the Dockerfile looks")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Build, and print what came of it."""
    from model_export.image_build import BuildRequest, build, folder_size_bytes

    request = BuildRequest(
        definitions=definitions_of(options),
        out=options.out,
        train=lambda definition, registry: train_on_sample(definition, {**os.environ, **REPEATABLE}, registry),
        production=None if options.source is None else _registry(options.source),
        tell=lambda line: print(line, flush=True),
    )
    built = build(request)
    inference, training = folder_size_bytes(options.out)
    print(f"{options.out}: {inference} bytes for the inference image, {training} for the training image")
    print(f"digest {built.digest}")
    return 0


def _registry(location: str) -> Registry:
    """Raises DespliegueError for one that cannot be listed: it would look empty, and samples be deployed instead."""
    if is_folder(location) and not Path(location).is_dir():
        raise DespliegueError(f"--from {location}: no such folder")
    storage = open_storage(location)
    storage.children("models")
    return Registry(storage)
