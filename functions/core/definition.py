"""models/<name>/model.toml: what a model is, read once and checked whole."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from functions.core import question_answering
from functions.core.errors import DefinitionError, NotFoundError
from functions.core.schema import Feature, Schema
from functions.core.tasks import TASKS, Reads, Task, Traits

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
MODEL_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
DIGESTED_SUFFIXES = {".toml", ".py"}
LEARNED = {"levels", "observed"}


@dataclass(frozen=True, slots=True)
class Files:
    """How a training file is brought to the schema before it is checked.

    Order: `snake_case_columns`, `rename`, `join`, missing cells, `snake_case_values`, `fill`. A column that the
    file lacks is made of its parts in `join`, with a space between them.
    """

    snake_case_columns: bool = False
    snake_case_values: bool = False
    rename: Mapping[str, str] = field(default_factory=dict)
    fill: Mapping[str, str | int | float] = field(default_factory=dict)
    missing: tuple[str, ...] = ("", "NA", "N/A", "NaN", "nan", "null", "None")
    join: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, parts in self.join.items():
            if not isinstance(parts, list | tuple) or not parts or not all(isinstance(one, str) for one in parts):
                raise DefinitionError(f"[files] join: {name} must be an array of column names, not {parts!r}")


@dataclass(frozen=True, slots=True)
class Split:
    """How rows are set aside for evaluation; `hash` keeps equal rows on one side."""

    method: Literal["hash", "random"] = "hash"
    test_size: float = 0.2
    seed: int = 1

    def __post_init__(self) -> None:
        if self.method not in ("hash", "random"):
            raise DefinitionError(f"split method {self.method!r} is neither hash nor random")
        if not 0 < self.test_size < 1:
            raise DefinitionError(f"split test_size {self.test_size} is not between 0 and 1")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Promote only if `metric` is not worse than production's by more than `margin`."""

    metric: str
    margin: float = 0.0


@dataclass(frozen=True, slots=True)
class Gate:
    """What a version must reach to be promoted; a ceiling is for metrics where less is better."""

    floors: Mapping[str, float] = field(default_factory=dict)
    ceilings: Mapping[str, float] = field(default_factory=dict)
    compare: Comparison | None = None


@dataclass(frozen=True, slots=True)
class SavedPipeline:
    """An unfitted pipeline in a file of the folder, instead of a pipeline.py; only training loads it.

    `sha256` is the file's digest. `code` names the files of the folder that define its own classes.
    """

    joblib: str = ""
    sha256: str = ""
    code: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.joblib) != bool(self.sha256):
            raise DefinitionError("[pipeline] names a joblib and its sha256, or neither")
        for name in (self.joblib, *self.code):
            if Path(name).name != name:
                raise DefinitionError(f"[pipeline] names {name!r}, which is no file of the folder")


@dataclass(frozen=True, slots=True)
class Limits:
    """`max_tokens` bounds the tokens of all windows of one question-answering request."""

    max_instances: int = 10_000
    max_payload_bytes: int = 6_000_000
    max_training_bytes: int = 100_000_000
    max_tokens: int = 8_192
    minimum_training_rows: int = 20


@dataclass(frozen=True, slots=True)
class Function:
    """The predict function on Lambda; without `memory_mb` it is derived from the task and the model's size.

    `storage_mb` is the room in its temporary folder, `reserved_concurrency` how many requests at once are kept free for
    it, and are its most. `freshness_seconds` is how long an answer may come from a version that was replaced meanwhile.
    """

    memory_mb: int | None = None
    timeout_seconds: int = 29
    storage_mb: int = 512
    reserved_concurrency: int | None = None
    snap_start: bool = False
    freshness_seconds: float = 0


@dataclass(frozen=True, slots=True)
class Definition:
    """One model folder. `digest` changes with its model.toml and Python files, and with nothing else."""

    name: str
    task: Task
    description: str
    schema: Schema
    folder: Path
    digest: str
    retrainable: bool = True
    hub_id: str | None = None
    examples: tuple[Mapping[str, Any], ...] = ()
    args: Mapping[str, Any] = field(default_factory=dict)
    slices: tuple[str, ...] = ()
    files: Files = field(default_factory=Files)
    split: Split = field(default_factory=Split)
    gate: Gate = field(default_factory=Gate)
    pipeline: SavedPipeline = field(default_factory=SavedPipeline)
    limits: Limits = field(default_factory=Limits)
    function: Function = field(default_factory=Function)

    @property
    def traits(self) -> Traits:
        return TASKS[self.task]

    @property
    def is_classification(self) -> bool:
        return self.traits.predicts == "label"


def load_definitions(models: Path) -> dict[str, Definition]:
    """All model folders under `models`, by name, in alphabetical order.

    Raises DefinitionError for a folder whose model.toml is missing or wrong, and for two models with one hub_id.
    """
    if not models.is_dir():
        raise DefinitionError(f"no folder {models}: it should hold one folder for each model")
    folders = sorted(path for path in models.iterdir() if path.is_dir() and not path.name.startswith((".", "_")))
    definitions = {folder.name: load_definition(folder) for folder in folders}
    _refuse_shared_hub_ids(definitions.values())
    return definitions


def _refuse_shared_hub_ids(definitions: Iterable[Definition]) -> None:
    owners: dict[str, str] = {}
    for one in definitions:
        if one.hub_id and owners.setdefault(one.hub_id, one.name) != one.name:
            raise DefinitionError(f"{owners[one.hub_id]} and {one.name} are both served as {one.hub_id}")


def get_definition(definitions: Mapping[str, Definition], name: str) -> Definition:
    """The definition of `name`; raises NotFoundError that lists the known models."""
    if name not in definitions:
        raise NotFoundError("model", name, list(definitions))
    return definitions[name]


def load_definition(folder: Path) -> Definition:
    """The definition in `folder`/model.toml; raises DefinitionError naming the file and the key."""
    path = folder / "model.toml"
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DefinitionError(f"{path} is missing") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DefinitionError(f"{path}: {error}") from error
    try:
        return _definition(document, folder)
    except (DefinitionError, TypeError, ValueError, KeyError) as error:
        raise DefinitionError(f"{path}: {error}") from error


def _definition(document: dict[str, Any], folder: Path) -> Definition:
    name = document.get("name")
    task: Task = document.get("task")  # type: ignore[assignment]  # checked below
    if name != folder.name or not MODEL_NAME.fullmatch(folder.name):
        raise DefinitionError(
            f"name {name!r} must equal its folder's name and hold lower-case letters, digits and hyphens only"
        )
    if task not in TASKS:
        raise DefinitionError(f"task {task!r} is none of {', '.join(TASKS)}")
    sections = {"files": Files, "split": Split, "pipeline": SavedPipeline, "limits": Limits, "function": Function}
    known = {
        "name",
        "task",
        "description",
        "retrainable",
        "hub_id",
        "id",
        "args",
        "slices",
        "target",
        "features",
        "gate",
    }
    _refuse_unknown("model.toml", document, known | sections.keys())
    definition = Definition(
        name=folder.name,
        task=task,
        description=str(document.get("description", "")),
        schema=SCHEMAS[TASKS[task].reads](document),
        folder=folder,
        digest=_digest(folder),
        retrainable=_flag(document, "retrainable"),
        hub_id=_hub_id(document),
        examples=_examples(folder / "examples.json"),
        args=_table(document, "args"),
        slices=tuple(document.get("slices", ())),
        gate=_gate(_table(document, "gate")),
        **{key: _section(kind, _table(document, key), key) for key, kind in sections.items()},
    )
    _refuse_no_column("slices", definition.slices, definition.schema)
    _refuse_no_column("[files] fill", definition.files.fill, definition.schema)
    _refuse_no_column("[files] join", definition.files.join, definition.schema)
    return definition


def _hub_id(document: Mapping[str, Any]) -> str | None:
    found = document.get("hub_id")
    if found is not None and not (isinstance(found, str) and HUB_ID.fullmatch(found)):
        raise DefinitionError(f"hub_id is written owner/name, not {found!r}")
    return found


def _flag(document: Mapping[str, Any], key: str) -> bool:
    value = document.get(key, True)
    if not isinstance(value, bool):
        raise DefinitionError(f"{key} is true or false, not {value!r}")
    return value


def _examples(path: Path) -> tuple[Mapping[str, Any], ...]:
    """Instances as they are sent to predict; the first is the one shown, and the one that warms a function."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DefinitionError(f"examples.json cannot be read: {error}") from error
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise DefinitionError("examples.json must be an array of at least one instance")
    return tuple(found)


def _table_schema(document: Mapping[str, Any]) -> Schema:
    bodies = _table(document, "features")
    features = tuple(_section(Feature, {"name": name, **_table(bodies, name)}, f"features.{name}") for name in bodies)
    if not features:
        raise DefinitionError("no [features.<name>] section: each describes a column that the model reads")
    if "target" not in document:
        raise DefinitionError("no [target] section: it names the column to predict and its type")
    target = _section(Feature, _table(document, "target"), "target")
    return Schema(features=features, target=target, id=document.get("id"))


def _question_answering_schema(document: Mapping[str, Any]) -> Schema:
    described = sorted(document.keys() & {"features", "target"})
    if described:
        raise DefinitionError(
            f"{', '.join(described)}: a question-answering model always reads question and context, so leave them out"
        )
    return replace(question_answering.SCHEMA, id=document.get("id"))


def _gate(body: dict[str, Any]) -> Gate:
    gate = _section(Gate, body, "gate")
    if gate.compare is None:
        return gate
    return replace(gate, compare=_section(Comparison, _table(body, "compare"), "gate.compare"))


Section = TypeVar("Section")


def _section(kind: type[Section], body: Mapping[str, Any], where: str) -> Section:
    _refuse_unknown(f"[{where}]", body, {one.name for one in fields(kind)} - LEARNED)  # type: ignore[arg-type]
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in body.items()}
    return kind(**values)


def _table(document: Mapping[str, Any], key: str) -> dict[str, Any]:
    body = document.get(key, {})
    if not isinstance(body, dict):
        raise DefinitionError(f"{key} must be a section of keys and values, not {body!r}")
    return body


def _refuse_no_column(where: str, names: Iterable[str], schema: Schema) -> None:
    known = (*schema.feature_names, schema.target.name)
    unknown = sorted(set(names).difference(known))
    if unknown:
        raise DefinitionError(f"{where} names {', '.join(unknown)}, but the columns are {', '.join(known)}")


def _text_schema(document: Mapping[str, Any]) -> Schema:
    schema = _table_schema(document)
    _refuse_other_than_one_text(schema, document["task"])
    return schema


SCHEMAS: Mapping[Reads, Callable[[Mapping[str, Any]], Schema]] = {
    "table": _table_schema,
    "text": _text_schema,
    "question-and-context": _question_answering_schema,
}


def _refuse_other_than_one_text(schema: Schema, task: Task) -> None:
    if len(schema.features) > 1:
        raise DefinitionError(
            f"a {task} reads one text, but the features are {', '.join(schema.feature_names)}; "
            "join them into one, for files with [files] join"
        )
    text = schema.features[0]
    if not text.is_string or text.nullable or text.allowed or text.categorical:
        raise DefinitionError(
            f'feature {text.name!r}: the text of a {task} has type = "string", categorical = false, '
            "and is neither nullable nor a closed list"
        )


def _refuse_unknown(where: str, body: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(body.keys() - known)
    if unknown:
        raise DefinitionError(f"{where} has unknown {', '.join(unknown)}; known: {', '.join(sorted(known))}")


def _digest(folder: Path) -> str:
    """sha256 over the names and contents of the files that decide what is trained."""
    sha = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in DIGESTED_SUFFIXES):
        relative = path.relative_to(folder).as_posix()
        sha.update(f"{relative}\0{path.stat().st_size}\0".encode())
        sha.update(path.read_bytes())
    return sha.hexdigest()
