"""Text of a model.toml for people to edit: the definition, with comments on the table it was inferred from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from functions.core.definition import Definition, FileSettings, Gate, SavedPipeline
from functions.core.errors import BARE_KEY
from functions.core.schema import Feature, written
from model_export.draft.columns import TableColumn
from model_export.draft.infer import Draft

SHOWN_LEVELS = 8
LEVEL_CHARACTERS = 30


def model_toml(definition: Definition, draft: Draft, *, source: str) -> str:
    """The text of a model.toml that reads back as `definition`, which was made of `draft`.

    `source` is the name of the table's file.
    """
    return "\n".join(
        [
            *_head(definition, draft, source),
            *_pipeline(definition.pipeline),
            *_section("args", definition.args),
            *_files(definition.files),
            *_gate(definition.gate),
            *_schema(definition, draft),
        ]
    )


def _head(definition: Definition, draft: Draft, source: str) -> Iterator[str]:
    table = f"{_on_one_line(source)}, {draft.rows} rows"
    yield f"# Inferred by `despliegue new` from {table}. docs/models.md explains every key."
    yield f"name = {_value(definition.name)}"
    yield f"task = {_value(definition.task)}"
    yield f"description = {_value(definition.description)}"
    if definition.schema.id:
        yield f"id = {_value(definition.schema.id)}"
    yield ""


def _pipeline(saved: SavedPipeline) -> Iterator[str]:
    if not saved.joblib:
        return
    yield "# Your own pipeline, not fitted: retraining fits it. Only training loads it, if it has this digest."
    yield "# To change it, write a pipeline.py with build_pipeline and delete this section."
    if saved.requires:
        yield "# It needs the packages in requires, which the image for training gets too; serving needs none of them."
    optional = {"code": saved.code, "requires": saved.requires}
    given = {key: value for key, value in optional.items() if value}
    yield from _section("pipeline", {"joblib": saved.joblib, "sha256": saved.sha256, **given})


def _files(files: FileSettings) -> Iterator[str]:
    usual = FileSettings()
    values = {one.name: getattr(files, one.name) for one in fields(FileSettings)}
    changed = {key: value for key, value in values.items() if value != getattr(usual, key)}
    if changed:
        yield "# The changes that bring a file to the columns below."
        yield from _section("files", changed)


def _gate(gate: Gate) -> Iterator[str]:
    yield "# A retrained version is kept and not promoted if it is below a floor, or if its metric is worse than"
    yield "# production's on the same rows by more than the margin. Without `compare`, it replaces any other."
    values: dict[str, Any] = {"floors": gate.floors}
    if gate.compare is not None:
        values["compare"] = {"metric": gate.compare.metric, "margin": gate.compare.margin}
    yield from _section("gate", values)


def _schema(definition: Definition, draft: Draft) -> Iterator[str]:
    for target in definition.schema.targets:
        yield "[[target]]" if definition.schema.has_several_targets else "[target]"
        yield f"name = {_value(target.name)}"
        yield from _body(target, draft.columns[target.name])
    for feature in definition.schema.features:
        yield f"[features.{_key(feature.name)}]"
        yield from _body(feature, draft.columns[feature.name])


def _section(name: str, body: Mapping[str, Any]) -> Iterator[str]:
    if body:
        yield f"[{name}]"
        yield from (f"{_key(key)} = {_value(value)}" for key, value in body.items())
        yield ""


def _body(feature: Feature, column: TableColumn) -> Iterator[str]:
    yield f"type = {_value(feature.type)}"
    seen = _seen(feature, column)
    if seen:
        yield f"# seen: {seen}"
    if column.note:
        yield f"# {_on_one_line(column.note)}"
    if feature.nullable:
        yield "nullable = true"
    if feature.time_zone != "none":
        yield f"time_zone = {_value(feature.time_zone)}"
    yield from (f"{name} = {_value(bound)}" for name, bound in _bounds(feature) if bound is not None)
    if feature.allowed:
        yield f"allowed = {_value(feature.allowed)}"
    if not feature.categorical:
        yield "categorical = false"
    yield ""


def _bounds(feature: Feature) -> list[tuple[str, float | str | None]]:
    return [("minimum", feature.minimum), ("maximum", feature.maximum)]


def _seen(feature: Feature, column: TableColumn) -> str:
    holes = f"; {column.holes} missing" if column.holes else ""
    if not column.levels:
        return f"nothing{holes}"
    if feature.allowed and column.type == "string":
        return ""
    if column.is_boolean:
        return f"{' and '.join(str(level).lower() for level in column.levels)}{holes}"
    if column.type == "datetime":
        return f"{' to '.join(column.ends)}{holes}"
    if column.type != "string":
        low, high = (written(float(one)) for one in (min(column.levels), max(column.levels)))
        return f"{low} to {high}{holes}"
    if not feature.categorical:
        return f"{len(column.levels)} different texts{holes}"
    common = sorted(column.levels, key=lambda level: (-column.levels[level], level))
    examples = [_value(_brief(level)) for level in common[:SHOWN_LEVELS]]
    more = f" and {len(common) - SHOWN_LEVELS} more" if len(common) > SHOWN_LEVELS else ""
    return f"{', '.join(examples)}{more}{holes}"


def _on_one_line(text: str) -> str:
    """The text for a comment: a file's name may hold a line break, or bytes that are no UTF-8."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


def _brief(text: str) -> str:
    return text if len(text) <= LEVEL_CHARACTERS else f"{text[: LEVEL_CHARACTERS - 1]}…"


def _key(name: str) -> str:
    return name if BARE_KEY.fullmatch(name) else _value(name)


def _value(value: Any) -> str:
    """`value` as TOML writes it on one line; raises TypeError for what TOML does not have."""
    if isinstance(value, str):  # TOML has the escapes of JSON, and requires one for DEL too
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(key)} = {_value(one)}' for key, one in value.items())} }}" if value else "{}"
    if isinstance(value, Iterable):
        return f"[{', '.join(map(_value, value))}]"
    raise TypeError(f"TOML has no {type(value).__name__} such as {value!r}")
