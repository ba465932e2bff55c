"""Model folders, models/<name>: model.toml, examples.json and the training code, read as a definition."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from functions.core.definition import Definition
from functions.core.documents import fault, read_document, require_no_faults
from functions.core.errors import DefinitionError, DocumentError, KeyFault
from functions.core.files import read_required
from functions.core.model_file import ModelFile
from functions.core.routes import RESOURCES

DIGESTED_SUFFIXES = {".toml", ".py"}
EXAMPLES = "examples.json"
SAMPLE = "sample.csv"
"""Rows that train a first version where there is none."""
Examples = tuple[Mapping[str, Any], ...]
_Read = TypeVar("_Read")


def load_definitions(models: Path) -> dict[str, Definition]:
    """All model folders under `models`, by name, in alphabetical order.

    Raises DefinitionError with every fault of every folder, and for a hub_id that is the path of something else.
    """
    if not models.is_dir():
        raise DefinitionError(
            f"no folder {models}: it should hold one folder for each model; run the command where it is, or make a "
            "first model with `despliegue new`"
        )
    with _reading(models):
        folders = sorted(path for path in models.iterdir() if path.is_dir() and not path.name.startswith((".", "_")))
    refusals: list[str] = []
    loaded = [_unless_refused(load_definition, folder, refusals) for folder in folders]
    definitions = {one.name: one for one in loaded if one is not None}
    if refusals:
        raise DefinitionError("\n".join(refusals))
    _refuse_shared_hub_ids(definitions.values())
    _refuse_hub_ids_of_resources(definitions)
    return definitions


def load_definition(folder: Path) -> Definition:
    """The definition in `folder`; raises DefinitionError with one line for each fault: file, key, and what is wrong."""
    refusals: list[str] = []
    file = _unless_refused(_read_model_file, folder, refusals)
    examples = _unless_refused(_read_examples, folder, refusals)
    if file is None or examples is None:
        raise DefinitionError("\n".join(refusals))
    try:
        require_no_faults(str(folder / "model.toml"), _payload_faults(file, examples[0]))
    except DocumentError as error:
        raise DefinitionError(str(error)) from None
    return Definition(
        name=file.name,
        task=file.task,
        description=file.description,
        schema=file.schema,
        folder=folder,
        digest=_digest(folder),
        kind=file.kind,
        retrainable=file.retrainable,
        hub_id=file.hub_id,
        examples=examples,
        args=file.args,
        slices=file.slices,
        files=file.files,
        split=file.split,
        gate=file.gate,
        pipeline=file.pipeline,
        limits=file.limits,
        function=file.function,
        retention=file.retention,
        batch=file.batch,
    )


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    """Raise DefinitionError for what cannot be read, or vanishes, while `folder` is looked through."""
    try:
        yield
    except OSError as error:
        raise DefinitionError(f"{error.filename or folder} cannot be read: {error.strerror}") from error


def _unless_refused(read: Callable[[Path], _Read], folder: Path, refusals: list[str]) -> _Read | None:
    """The result of `read`; None if the folder is refused, and then the reason is added to `refusals`."""
    try:
        return read(folder)
    except (DefinitionError, DocumentError) as error:
        refusals.append(str(error))
        return None


def _read_model_file(folder: Path) -> ModelFile:
    path = folder / "model.toml"
    try:
        document = tomllib.loads(read_required(path, DefinitionError).decode())
    except ValueError as error:
        raise DefinitionError(f"{path}: {error}") from error
    except RecursionError as error:
        raise DefinitionError(f"{path}: it is nested too deep") from error
    faults = list(_name_faults(document, folder))
    try:
        file = read_document(document, ModelFile, str(path))
    except DocumentError as error:
        raise DocumentError(str(path), [*faults, *error.faults]) from None
    require_no_faults(str(path), faults)
    return file


def _name_faults(document: Mapping[str, object], folder: Path) -> Iterator[KeyFault]:
    name = document.get("name")
    if isinstance(name, str) and name != folder.name:
        yield fault("name", f'the name "{folder.name}" of its folder', name)


def _read_examples(folder: Path) -> Examples:
    """Instances for a request to predict. The first one is shown to people, and warms a function."""
    path = folder / EXAMPLES
    try:
        document = msgspec.json.decode(read_required(path, DefinitionError))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DefinitionError(f"{path} cannot be read: {error}") from error
    examples = read_document(document, Examples, str(path))
    if not examples:
        require_no_faults(str(path), [KeyFault((), "an array of at least one instance", "an empty one")])
    return examples


def _payload_faults(file: ModelFile, example: Mapping[str, Any]) -> Iterator[KeyFault]:
    """A fault if the model could never answer, because a body with its first example is over the limit."""
    limit, size_bytes = file.limits.max_payload_bytes, len(msgspec.json.encode(example))
    if size_bytes > limit:
        expected = f"a whole number of at least {size_bytes}, the bytes of the first example,"
        yield fault(("limits", "max_payload_bytes"), expected, limit)


def _refuse_shared_hub_ids(definitions: Iterable[Definition]) -> None:
    owners: dict[str, str] = {}
    for definition in definitions:
        name, hub_id = definition.name, definition.hub_id
        if hub_id and owners.setdefault(hub_id, name) != name:
            raise DefinitionError(f"{owners[hub_id]} and {name} are both served as {hub_id}")


def _refuse_hub_ids_of_resources(definitions: Mapping[str, Definition]) -> None:
    """Refuse a hub_id such as churn/retrain: the path /models/churn/retrain would belong to two routes."""
    for one in definitions.values():
        owner, _, name = (one.hub_id or "").partition("/")
        if owner in definitions and name in RESOURCES:
            path = one.folder / "model.toml"
            raise DefinitionError(
                f"{path}: hub_id: {one.hub_id} is the path of {name} of the model {owner}: choose another hub_id"
            )


def _digest(folder: Path) -> str:
    """The sha256 of the names and contents of the files that influence training.

    Links to nothing are left out: editors lock a file by one. Raises DefinitionError for a file that cannot be read.
    """
    sha = hashlib.sha256()
    with _reading(folder):
        files = sorted(path for path in folder.rglob("*") if path.suffix in DIGESTED_SUFFIXES and path.is_file())
    for path in files:
        relative = path.relative_to(folder).as_posix()
        content = read_required(path, DefinitionError)
        # name and size too, so that code which moves to another file changes the digest
        sha.update(f"{relative}\0{len(content)}\0".encode())
        sha.update(content)
    return sha.hexdigest()
