"""The keys of model.toml, and the rules between them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from msgspec import Meta

from functions.core import question_answering
from functions.core.column_check import ColumnCheck, whole
from functions.core.column_names import name_fault, other_name, reserved_fault
from functions.core.definition import (
    MODEL_NAME,
    BatchSchedule,
    FileSettings,
    FunctionSettings,
    Gate,
    Limits,
    Retention,
    SavedPipeline,
    Split,
)
from functions.core.documents import WIDEST_INTEGERS, Keys, fault, require_no_faults
from functions.core.errors import DocumentError, KeyFault, KeyPath
from functions.core.schema import ColumnName, Feature, Schema
from functions.core.tasks import SMALLER_IS_BETTER, TASKS, ModelKind, Reads, Task

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
LEARNED = ("levels", "observed")
Target = Annotated[Feature, Keys(unset=LEARNED)]
ModelName = Annotated[
    str,
    Meta(
        pattern=rf"\A{MODEL_NAME.pattern}\Z",
        description="a name of at most 40 lower-case letters, digits and hyphens (neither first nor last)",
    ),
]
HubId = Annotated[str, Meta(pattern=rf"(?a)\A{HUB_ID.pattern}\Z", description="a name written owner/name")]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """The keys of model.toml. A file sets no levels and ranges of features: training adds them."""

    name: ModelName
    task: Task
    description: str = ""
    kind: ModelKind | None = None
    retrainable: bool = True
    hub_id: HubId | None = None
    id: ColumnName | None = None
    args: Mapping[str, Any] = field(default_factory=dict)
    slices: tuple[str, ...] = ()
    target: Target | tuple[Target, ...] | None = None
    features: Mapping[str, Annotated[Feature, Keys(named_by_key="name", unset=LEARNED)]] = field(default_factory=dict)
    files: FileSettings = field(default_factory=FileSettings)
    split: Split = field(default_factory=Split)
    gate: Gate = field(default_factory=Gate)
    pipeline: SavedPipeline = field(default_factory=SavedPipeline)
    limits: Limits = field(default_factory=Limits)
    function: FunctionSettings = field(default_factory=FunctionSettings)
    retention: Retention | None = None
    batch: BatchSchedule | None = None

    def __post_init__(self) -> None:
        faults = [*_kind_faults(self), *_metric_faults(self), *_reach_faults(self.gate), *_schema_faults(self)]
        require_no_faults("model.toml", faults)

    @property
    def schema(self) -> Schema:
        if self.target is None:
            return replace(question_answering.SCHEMA, id=self.id)
        return Schema(features=tuple(self.features.values()), target=self.target, id=self.id)


def _schema_faults(file: ModelFile) -> list[KeyFault]:
    """Faults of the columns; without any, faults of the sections that name columns."""
    faults = list(COLUMN_RULES[TASKS[file.task].reads](file))
    if faults:
        return faults
    try:
        schema = file.schema
    except DocumentError as error:
        return list(error.faults)
    rules = (_naming_faults, _fill_faults, _join_faults, _date_faults)
    return [broken for rule in rules for broken in rule(file, schema)]


def _fixed_faults(file: ModelFile) -> Iterator[KeyFault]:
    sections: Mapping[str, object] = {"features": file.features, "target": file.target}
    hint = f"a {file.task} model always reads question and context"
    yield from (KeyFault((name,), "no such section", "one", hint) for name, given in sections.items() if given)


def _table_faults(file: ModelFile) -> Iterator[KeyFault]:
    if not file.features:
        yield KeyFault(("features",), "a section [features.<name>] for each column that the model reads", "none")
    yield from _name_faults(file)
    if not file.target:
        yield KeyFault(("target",), "a section that names the column to predict and its type", "none")
    for key, target in _targets(file):
        yield from _target_faults(file.task, key, target)
    for key, feature in _described(file):
        yield from _allowed_faults(key, feature)
        yield from _bound_faults(key, feature)


def _name_faults(file: ModelFile) -> Iterator[KeyFault]:
    """Faults of names that no file or body can hold, and of names with another meaning in a body to predict."""
    named: dict[KeyPath, str] = {("features", name): name for name in file.features}
    if file.id is not None:
        named["id",] = file.id
    for key, name in named.items():
        reserved = reserved_fault(name, file.task)
        hint = f"rename it: [files] rename = {{ {json.dumps(name)} = {json.dumps(other_name(name))} }}"
        if reserved:
            yield fault(key, "another name", name, f"{reserved}; {hint}")
    named |= {(*key, "name"): target.name for key, target in _targets(file)}
    yield from (
        fault(key, "the name of a column", name, why) for key, name in named.items() if (why := name_fault(name))
    )


def _described(file: ModelFile) -> Iterator[tuple[KeyPath, Feature]]:
    yield from ((("features", name), feature) for name, feature in file.features.items())
    yield from _targets(file)


def _targets(file: ModelFile) -> Iterator[tuple[KeyPath, Feature]]:
    """The section [target], or each of the sections [[target]] by its place."""
    if isinstance(file.target, tuple):
        yield from ((("target", place), target) for place, target in enumerate(file.target))
    elif file.target is not None:
        yield ("target",), file.target


def _target_faults(task: Task, key: KeyPath, target: Feature) -> Iterator[KeyFault]:
    if target.nullable:
        yield fault((*key, "nullable"), "false", True, "every training row has a target")
    if target.is_datetime:
        hint = "predict the days until then, as a number"
        yield fault((*key, "type"), "string, integer, number or boolean", target.type, hint)
    elif TASKS[task].predicts != "label" and target.is_string:
        yield fault((*key, "type"), "integer or number", target.type, f"a {task} predicts a number")


def _allowed_faults(key: KeyPath, feature: Feature) -> Iterator[KeyFault]:
    for place, value in enumerate(feature.allowed):
        if feature.type == "integer" and type(whole(value)) is not int:
            yield fault((*key, "allowed", place), "an integer", value)
        if value in feature.allowed[:place]:
            yield fault((*key, "allowed", place), "a value that is not listed before", value)


def _bound_faults(key: KeyPath, feature: Feature) -> Iterator[KeyFault]:
    """Faults of bounds that the compiled reader of instances cannot hold."""
    if feature.type != "integer":
        return
    for name, bound in {"minimum": feature.minimum, "maximum": feature.maximum}.items():
        if bound is not None and int(feature.comparable(bound)) not in WIDEST_INTEGERS:
            yield fault((*key, name), "a number of at most 64 bits, as of every integer,", bound)


def _text_faults(file: ModelFile) -> Iterator[KeyFault]:
    yield from _table_faults(file)
    features = list(file.features.values())
    if len(features) > 1:
        found = ", ".join(feature.name for feature in features)
        hint = "join them into one, for files with [files] join"
        yield KeyFault(("features",), f"the one text that a {file.task} reads", found, hint)
        return
    for text in features:
        expected: Mapping[str, object] = {"type": "string", "categorical": False, "nullable": False, "allowed": ()}
        for name, value in expected.items():
            found = getattr(text, name)
            if found != value:
                wanted = "no closed list" if name == "allowed" else str(value).lower()
                hint = f"a {file.task} reads free text"
                yield fault(("features", text.name, name), wanted, found, hint)


COLUMN_RULES: Mapping[Reads, Callable[[ModelFile], Iterator[KeyFault]]] = {
    "table": _table_faults,
    "text": _text_faults,
    "question-and-context": _fixed_faults,
}


def _naming_faults(file: ModelFile, schema: Schema) -> Iterator[KeyFault]:
    columns = tuple(column.name for column in schema.labelled)
    yield from (
        _unknown(("slices", place), columns, name) for place, name in enumerate(file.slices) if name not in columns
    )
    files = file.files
    sections: Mapping[str, Iterable[str]] = {
        "fill": files.fill,
        "join": files.join,
        "rename_values": files.rename_values,
        "date_order": files.date_order,
    }
    for section, names in sections.items():
        yield from (_unknown(("files", section, name), columns, name) for name in names if name not in columns)
    parts = [part for parts in file.files.join.values() for part in parts]
    read = (*columns, *([schema.id] if schema.id else []), *parts)
    for name, column in file.files.rename.items():
        if column not in read:
            yield _unknown(("files", "rename", name), read, column)


def _unknown(key: KeyPath, columns: Iterable[str], found: str) -> KeyFault:
    return fault(key, f"one of the columns {', '.join(columns)}", found)


def _fill_faults(file: ModelFile, schema: Schema) -> Iterator[KeyFault]:
    for feature in schema.labelled:
        if feature.name in file.files.fill:
            value = file.files.fill[feature.name]
            for broken in ColumnCheck(feature).faults([whole(value)]):
                yield fault(("files", "fill", feature.name), f"a value of {feature.name}", value, broken.msg)


def _join_faults(file: ModelFile, schema: Schema) -> Iterator[KeyFault]:
    for feature in schema.labelled:
        if feature.name in file.files.join and not feature.is_string:
            found = f"one of type {feature.type}"
            yield KeyFault(("files", "join", feature.name), "a column of type string", found, "texts are joined")


def _date_faults(file: ModelFile, schema: Schema) -> Iterator[KeyFault]:
    for feature in schema.features:
        if feature.name in file.files.date_order and not feature.is_datetime:
            found = f"one of type {feature.type}"
            yield KeyFault(("files", "date_order", feature.name), "a column of type datetime", found)


def _kind_faults(file: ModelFile) -> Iterator[KeyFault]:
    kinds = tuple(TASKS[file.task].served_files)
    if file.kind is not None and file.kind not in kinds:
        yield fault("kind", " or ".join(kinds), file.kind, f"no other kind of model does {file.task}")
    if file.kind == "checkpoint" and file.retrainable:
        yield fault("retrainable", "false", True, "a checkpoint is trained elsewhere")
    if file.kind == "checkpoint" and isinstance(file.target, tuple):
        yield KeyFault(("target",), "one section [target]", "several", "a checkpoint has one kind of labels")


def _metric_faults(file: ModelFile) -> Iterator[KeyFault]:
    gate, known = file.gate, TASKS[file.task].metrics_of(len(list(_targets(file))))
    named: dict[KeyPath, str] = {("gate", "floors", name): name for name in gate.floors}
    named |= {("gate", "ceilings", name): name for name in gate.ceilings}
    if gate.compare is not None:
        named["gate", "compare", "metric"] = gate.compare.metric
    expected = f"one of the metrics {', '.join(known)}" if known else f"no metric of a {file.task} model"
    yield from (fault(key, expected, name) for key, name in named.items() if name not in known)


def _reach_faults(gate: Gate) -> Iterator[KeyFault]:
    """Faults of bounds that no version can reach, such as 85 for 0.85."""
    for name, floor in gate.floors.items():
        if name not in SMALLER_IS_BETTER and floor > 1:
            yield fault(("gate", "floors", name), "a number of at most 1", floor, f"{name} is 1 at best")
    for name, ceiling in gate.ceilings.items():
        if name in SMALLER_IS_BETTER and ceiling < 0:
            yield fault(("gate", "ceilings", name), "a number of at least 0", ceiling, f"{name} is 0 at best")
