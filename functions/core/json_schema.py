"""The schema of a model as JSON Schema (draft 2020-12), for the catalogue and the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from functions.core.column_check import bounds
from functions.core.datetimes import EXAMPLES, PATTERNS
from functions.core.schema import Feature, Schema
from functions.core.tasks import TASKS, Predicts, Scoring, Task
from functions.core.validator import ID_RANGE

CODE_POINTS = "Unicode code points, as in Python; an emoji is one, but two in JavaScript, Java and C#"
DECISION = (
    "the model gives no probabilities, so there is no score: this is scikit-learn's decision_function, or the votes "
    "that were counted; of two labels one number, higher for the one that sorts last; of several a number for each"
)
ANSWER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "answer": {"type": "string", "description": "a part of the context; empty where there is no answer"},
        "score": {"type": "number", "minimum": 0, "description": "added up where several windows give one answer"},
        "start": {"type": "integer", "minimum": 0, "description": f"of the answer in the context, in {CODE_POINTS}"},
        "end": {"type": "integer", "minimum": 0, "description": f"the first place after the answer, in {CODE_POINTS}"},
    },
    "required": ["answer", "score", "start", "end"],
    "additionalProperties": False,
}


def instance_schema(schema: Schema, *, labelled: bool = False, learned: bool = False) -> dict[str, Any]:
    """The JSON Schema of one instance. A `labelled` instance, for retraining, has the targets as well.

    With `learned`, it shows the levels and ranges of the training rows: data for those who may predict, as a level may
    be the name of a person.
    """
    features = schema.labelled if labelled else schema.features
    properties = {feature.name: _property(feature) | (_learned(feature) if learned else {}) for feature in features}
    for target in schema.targets if labelled else ():
        if target.choices and not target.is_string:
            properties[target.name] = _label_sent_back(target)
    if schema.id:
        least, greatest = ID_RANGE
        integers = {"minimum": least, "maximum": greatest}
        properties[schema.id] = {"type": ["string", "integer", "null"], **integers, "description": "echoed, not used"}
    return {
        "type": "object",
        "properties": properties,
        "required": [feature.name for feature in features if not feature.nullable],
        "additionalProperties": False,
    }


def prediction_schema(
    schema: Schema, task: Task, scoring: Scoring = "probabilities", *, learned: bool = False
) -> dict[str, Any]:
    """The JSON Schema of one prediction; of several targets an object with one prediction for each.

    With `learned`, it lists labels that were found in the training rows too.
    """
    described = {target.name: _prediction_of(target, task, scoring, learned=learned) for target in schema.targets}
    if not schema.has_several_targets:
        return described[schema.target_names[0]]
    for target in schema.targets:
        if target.description:
            described[target.name] = {**described[target.name], "description": target.description}
    return {
        "type": "object",
        "properties": described,
        "required": [*described],
        "additionalProperties": False,
    }


def _prediction_of(target: Feature, task: Task, scoring: Scoring, *, learned: bool) -> dict[str, Any]:
    labels = [str(label) for label in target.choices or (target.levels if learned else ())]
    described = PREDICTION_SCHEMAS[TASKS[task].predicts](labels)
    return described if scoring == "probabilities" else _with_decision(described)


def _number(labels: Sequence[str]) -> dict[str, Any]:
    return {"type": "number"}


def _answer(labels: Sequence[str]) -> dict[str, Any]:
    return ANSWER


def _label(labels: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "label": {"type": "string", **({"enum": list(labels)} if labels else {})},
            "score": {"type": "number", "minimum": 0, "maximum": 1},
            "scores": {"type": "object", "additionalProperties": {"type": "number"}},
        },
        "required": ["label", "score", "scores"],
        "additionalProperties": False,
    }


def _with_decision(described: dict[str, Any]) -> dict[str, Any]:
    """The schema of a label without probabilities."""
    numbers = {"type": "object", "additionalProperties": {"type": "number"}}
    decision = {"anyOf": [{"type": "number"}, numbers], "description": DECISION}
    return {
        **described,
        "properties": {"label": described["properties"]["label"], "decision": decision},
        "required": ["label", "decision"],
    }


PREDICTION_SCHEMAS: Mapping[Predicts, Callable[[Sequence[str]], dict[str, Any]]] = {
    "number": _number,
    "label": _label,
    "answer": _answer,
}


def _property(feature: Feature) -> dict[str, Any]:
    if feature.is_datetime:
        return _datetime(feature)
    kind: Any = [feature.type, "null"] if feature.nullable else feature.type
    described: dict[str, Any] = {"type": kind}
    if feature.description:
        described["description"] = feature.description
    if feature.is_boolean:
        return described
    if feature.allowed:
        described["enum"] = [*feature.allowed, *([None] if feature.nullable else [])]
    elif feature.is_string:
        described["minLength"] = 1
    is_open_integer = feature.type == "integer" and not feature.allowed
    minimum, maximum = bounds(feature) if is_open_integer else (feature.minimum, feature.maximum)
    if minimum is not None:
        described["minimum"] = minimum
    if maximum is not None:
        described["maximum"] = maximum
    return described


def _datetime(feature: Feature) -> dict[str, Any]:
    """A text; `format` has no name for a date and time without time zone, and `date-time` requires an offset."""
    ends = {"from": feature.minimum, "to": feature.maximum}
    limits = "".join(f", {word} {end}" for word, end in ends.items() if end is not None)
    zone = "with an offset" if feature.time_zone == "UTC" else "without time zone"
    iso = f"ISO 8601, {zone}: {EXAMPLES[feature.time_zone]}{limits}"
    return {
        "type": ["string", "null"] if feature.nullable else "string",
        "description": f"{feature.description} ({iso})" if feature.description else iso,
        **({"format": "date-time"} if feature.time_zone == "UTC" else {}),
        "pattern": f"^(?:{PATTERNS[feature.time_zone]})$",
    }


def _label_sent_back(target: Feature) -> dict[str, Any]:
    """A class in its own type, or as the label of a prediction, which is a text."""
    null = [None] if target.nullable else []
    kinds = [target.type, "string", *(["null"] if target.nullable else [])]
    return {**_property(target), "type": kinds, "enum": [*target.choices, *target.labels, *null]}


def _learned(feature: Feature) -> dict[str, Any]:
    known = {"x-levels": feature.levels, "x-training-range": feature.observed or ()}
    return {name: list(values) for name, values in known.items() if values}
