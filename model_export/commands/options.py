"""Options that several commands share."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from functions.core.definition import Definition, get_definition
from functions.core.errors import DefinitionError, DespliegueError
from functions.core.files import given_size, read_given
from functions.core.locations import is_folder, open_storage
from functions.core.lookups import PredictionStore
from functions.core.machine_memory import trainer_memory_bytes
from functions.core.model_folder import load_definitions
from functions.core.registry import Registry
from functions.core.storage import Storage
from functions.core.training_memory import require_fitting, training_limit
from functions.local.home import Home

if TYPE_CHECKING:
    from model_export.training_files.rows import ReadRows

MODELS_FOLDER = Path("models")

UNUSED_DAYS = 1
"""Commands store no predictions, they remove some."""


def add_models(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--models",
        type=Path,
        default=MODELS_FOLDER,
        metavar="DIR",
        help="folder of the model folders (default: models)",
    )


def add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", help="name of the model, a folder under models/")
    add_models(parser)


def add_registry(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--registry",
        metavar="PATH|s3://BUCKET/PREFIX",
        help="registry of versions (default: the one in $DESPLIEGUE_HOME, else in .despliegue)",
    )


def add_uploads(parser: argparse.ArgumentParser, otherwise: str) -> None:
    parser.add_argument(
        "--uploads",
        metavar="PATH|s3://BUCKET/PREFIX",
        help=f"uploads of the jobs (default: those of $DESPLIEGUE_HOME; {otherwise})",
    )
    parser.add_argument(
        "--predictions",
        metavar="TABLE",
        help="the DynamoDB table of predictions that are looked up, the output PredictionsTable of a deployment "
        "(default: those of $DESPLIEGUE_HOME; with --registry none)",
    )


def uploads_of(options: argparse.Namespace) -> Storage | None:
    """The uploads of the option --uploads, else the laptop's own; None for those of another registry."""
    if options.uploads is not None:
        return open_storage(options.uploads)
    return Home.from_environment().uploads if options.registry is None else None


def store_of(options: argparse.Namespace) -> PredictionStore | None:
    """The predictions of the option --predictions, else the laptop's own; None for those of another registry."""
    if options.predictions is not None:
        # not at the top: the libraries of AWS are for those who use it
        from functions.aws.prediction_table import PredictionTable

        return PredictionTable(options.predictions, days=UNUSED_DAYS)
    return Home.from_environment().predictions if options.registry is None else None


def user_name() -> str:
    """The name of the user who runs the command, for the history; `command line` if the system knows none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in containers; OSError from Python 3.13 on
        return "command line"


def definitions_of(options: argparse.Namespace) -> Mapping[str, Definition]:
    return load_definitions(options.models)


def definition_of(options: argparse.Namespace) -> Definition:
    """The definition of the named model; raises NotFoundError, DefinitionError."""
    return get_definition(definitions_of(options), options.model)


def pipeline_definition_of(options: argparse.Namespace) -> Definition:
    """The definition of a model with a pipeline to train; raises DefinitionError for a model of a checkpoint too."""
    definition = definition_of(options)
    if definition.model_kind != "pipeline":
        raise DefinitionError(
            f"{definition.name} is made from a checkpoint: publish a version with `despliegue export-hf`"
        )
    return definition


def require_libraries(command: str, names: Sequence[str]) -> None:
    """Raise DespliegueError with the names of the libraries of question answering that are not installed."""
    absent = [name for name in names if find_spec(name) is None]
    if absent:
        raise DespliegueError(
            f"{', '.join(absent)} not installed: {command} needs torch, then `pip install "
            "'despliegue[question-answering]'`"
        )


def require_size(path: Path, definition: Definition) -> None:
    """Raise InvalidInputError with the path of a training file that is absent, or larger than the model takes."""
    limit = training_limit(definition.limits, trainer_memory_bytes())
    require_fitting(given_size(path), limit, str(path))


def require_other_rows(evaluation: Path | None, data: Path) -> None:
    """Raise DefinitionError for a file to measure on that is the table itself, whose metrics would flatter."""
    if evaluation is not None and evaluation.resolve() == data.resolve():
        raise DefinitionError(
            f"--evaluation {evaluation} is the table to learn from, {data}: give other rows, or leave out --evaluation"
        )


def read_file(path: Path, definition: Definition) -> bytes:
    """The bytes of a training file; raises InvalidInputError with its path if it is unreadable or above the limit."""
    require_size(path, definition)
    return read_given(path)


def labelled_rows(path: Path, definition: Definition) -> ReadRows:
    """The rows of a training file of at most the model's limit; raises InvalidInputError."""
    from model_export.training_files.rows import read_rows

    return read_rows(read_file(path, definition), path.name, definition)


def registry_of(options: argparse.Namespace) -> Registry:
    """The registry of the option --registry, else the laptop's own; it need not exist yet."""
    if options.registry is None:
        return Home.from_environment().registry
    return Registry(open_storage(options.registry))


def existing_registry_of(options: argparse.Namespace) -> Registry:
    """The registry for a command that changes nothing where there is none; raises DespliegueError without a folder."""
    lack = registry_lack(options)
    if lack:
        raise DespliegueError(lack)
    return registry_of(options)


def registry_lack(options: argparse.Namespace) -> str:
    """A sentence on a registry that is no folder yet; empty for one that is there, or not in a folder."""
    location = str(Home.from_environment().root / "registry") if options.registry is None else options.registry
    if not location or not is_folder(location) or Path(location).exists():
        return ""
    remedy = "name another by --registry" if options.registry else "name another home by DESPLIEGUE_HOME"
    return f"no registry in {location} yet; `despliegue serve` or `despliegue train` makes one, or {remedy}"
