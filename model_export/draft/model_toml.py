"""model.toml, written to be read and edited: what was inferred, with what was seen in the table beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from functions.core.definition import Files, Gate, SavedPipeline
from functions.core.schema import Feature, written
from model_export.draft.columns import Column
from model_export.draft.infer import Draft

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
SHOWN_LEVELS = 8
SHOWN_CHARACTERS = 30


def model_toml(draft: Draft, *, source: str, args: Mapping[str, Any], gate: Gate, saved: SavedPipeline) -> str:
    """The text of a draft's model.toml; `source` names the table it was inferred from."""
    return "\n".join(
        [*_head(draft, source), *_pipeline(args, saved), *_files(draft.files), *_gate(gate), *_schema(draft)]
    )


def _head(draft: Draft, source: str) -> Iterator[str]:
    features = len(draft.schema.features)
    of = "one column" if features == 1 else f"{features} columns"
    yield f"# Inferred by `despliegue new` from {source}, {draft.rows} rows. docs/models.md explains every key."
    yield f"name = {_value(draft.name)}"
    yield f"task = {_value(draft.task)}"
    yield f"description = {_value(f'Predicts {draft.schema.target.name} from {of}.')}"
    if draft.schema.id:
        yield f"id = {_value(draft.schema.id)}"
    yield ""


def _pipeline(args: Mapping[str, Any], saved: SavedPipeline) -> Iterator[str]:
    if saved.joblib:
        yield "# Your own pipeline, unfitted: retraining fits it anew. Only training loads it, if it has this digest."
        yield "# To change it write a pipeline.py with build_pipeline, and take this section out."
        yield "[pipeline]"
        yield f"joblib = {_value(saved.joblib)}"
        yield f"sha256 = {_value(saved.sha256)}"
        if saved.code:
            yield f"code = {_value(saved.code)}"
        yield ""
    if args:
        yield "[args]"
        yield from (f"{_key(name)} = {_value(value)}" for name, value in args.items())
        yield ""


def _files(files: Files) -> Iterator[str]:
    usual = Files()
    lines = []
    if files.snake_case_columns:
        lines.append("snake_case_columns = true")
    if files.snake_case_values:
        lines.append("snake_case_values = true")
    if files.missing != usual.missing:
        lines.append(f"missing = {_value(files.missing)}")
    if files.join:
        lines.append(f"join = {_value(files.join)}")
    if files.fill:
        lines.append(f"fill = {_value(files.fill)}")
    if lines:
        yield from ("# How files are brought to the columns below.", "[files]", *lines, "")


def _gate(gate: Gate) -> Iterator[str]:
    yield "# A version that does not reach these is kept, not promoted. To keep out what is worse than production, add"
    yield '# compare = { metric = "…", margin = 0.01 }'
    yield "[gate]"
    yield f"floors = {_value(gate.floors)}"
    yield ""


def _schema(draft: Draft) -> Iterator[str]:
    yield "[target]"
    yield f"name = {_value(draft.schema.target.name)}"
    yield from _body(draft.schema.target, draft.columns[draft.schema.target.name])
    for feature in draft.schema.features:
        yield f"[features.{_key(feature.name)}]"
        yield from _body(feature, draft.columns[feature.name])


def _body(feature: Feature, column: Column) -> Iterator[str]:
    yield f"type = {_value(feature.type)}"
    seen = _seen(feature, column)
    if seen:
        yield f"# seen: {seen}"
    if column.note:
        yield f"# {column.note}"
    if feature.nullable:
        yield "nullable = true"
    if feature.allowed:
        yield f"allowed = {_value(feature.allowed)}"
    if not feature.categorical:
        yield "categorical = false"
    yield ""


def _seen(feature: Feature, column: Column) -> str:
    holes = f"; {column.holes} missing" if column.holes else ""
    if not column.levels:
        return f"nothing{holes}"
    if feature.allowed and column.type == "string":
        return ""
    if column.type != "string":
        low, high = (written(float(one)) for one in (min(column.levels), max(column.levels)))
        return f"{low} to {high}{holes}"
    if not feature.categorical:
        return f"{len(column.levels)} different texts{holes}"
    common = sorted(column.levels, key=lambda level: (-column.levels[level], level))
    shown = [_value(_brief(level)) for level in common[:SHOWN_LEVELS]]
    more = f" and {len(common) - SHOWN_LEVELS} more" if len(common) > SHOWN_LEVELS else ""
    return f"{', '.join(shown)}{more}{holes}"


def _brief(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else f"{text[: SHOWN_CHARACTERS - 1]}…"


def _key(name: str) -> str:
    return name if BARE_KEY.fullmatch(name) else _value(name)


def _value(value: Any) -> str:
    """As TOML has it on one line."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(key)} = {_value(one)}' for key, one in value.items())} }}" if value else "{}"
    if isinstance(value, Iterable):
        return f"[{', '.join(map(_value, value))}]"
    raise TypeError(f"{value!r} is nothing that TOML has")
