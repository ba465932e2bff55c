"""model.toml: no field accepts a value of another type."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from functions.core.documents import read_document
from functions.core.errors import DocumentError, KeyPath
from functions.core.model_file import LEARNED, ModelFile

WHOLE: Mapping[str, Any] = {
    "name": "rent",
    "task": "tabular-regression",
    "target": {"name": "price", "type": "number"},
    "features": {"rooms": {"type": "integer"}, "street": {"type": "string"}},
    "gate": {"compare": {"metric": "r2"}},
}


def fields_of(kind: type, place: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Every field of every section with its annotation, found in the dataclasses themselves."""
    hints = get_type_hints(kind)
    for one in fields(kind):
        hint = hints[one.name]
        yield (*place, one.name), hint
        for inner in (hint, *get_args(hint)):
            if is_dataclass(inner):
                own = (*place, one.name, "rooms") if get_origin(hint) is Mapping else (*place, one.name)
                yield from fields_of(inner, own)  # type: ignore[arg-type]


FIELDS = {
    place: hint for place, hint in fields_of(ModelFile) if place[-1] not in LEARNED and place[1:] != ("rooms", "name")
}


def fits(value: Any, hint: Any) -> bool:
    """Return True if the value is of the type in the annotation; bounds are ignored."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any:
        return True
    if origin is Annotated:
        return fits(value, arguments[0])
    if origin in (Union, UnionType):
        return any(fits(value, one) for one in arguments)
    if origin is Literal:
        return any(type(value) is type(one) and value == one for one in arguments)
    if origin is Mapping:
        return isinstance(value, dict) and all(fits(one, arguments[1]) for one in value.values())
    if origin in (tuple, Sequence):
        return isinstance(value, list) and all(fits(one, arguments[0]) for one in value)
    if is_dataclass(hint):
        return isinstance(value, dict)
    return type(value) in {float: (int, float), NoneType: (NoneType,)}.get(hint, (hint,))


def with_value(document: Any, place: KeyPath, value: Any) -> Any:
    first, *rest = place
    inner = value if not rest else with_value(document.get(first, {}), tuple(rest), value)
    return {**document, first: inner}


ODD: Sequence[Any] = (
    *(None, True, False, 0, 1, -1, 2**63, 0.5, 1.0, math.nan, math.inf, -math.inf, "", "text", "1", "true", "nan"),
    *(date(2026, 1, 31), datetime(2026, 1, 31, tzinfo=UTC), time(12), [], {}, [None], [1], ["a"], [True], [math.nan]),
    *([[]], [{}], [date(2026, 1, 31)], {"rooms": None}, {"rooms": 1}, {"rooms": "a"}, {"rooms": True}, {"rooms": []}),
    *({"rooms": {}}, {"rooms": math.nan}, {"rooms": [1]}, {"rooms": {"rooms": {}}}, {"rooms": date(2026, 1, 31)}),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["rooms", "r2"]), inner, max_size=2),
    max_leaves=4,
)


def refuse(place: KeyPath, value: Any) -> None:
    with pytest.raises(DocumentError) as caught:
        read_document(with_value(WHOLE, place, value), ModelFile, "model.toml")
    assert any(fault.key[: len(place)] == place for fault in caught.value.faults)


def test_the_fields_of_every_section_are_found() -> None:
    places = [".".join(map(str, place)) for place in FIELDS]
    for expected in (
        "description",
        "limits.max_instances",
        "gate.compare.margin",
        "features.rooms.minimum",
        "target.allowed",
        "files.fill",
        "function.snap_start",
        "pipeline.code",
        "split.seed",
    ):
        assert expected in places


def test_the_document_without_a_wrong_value_is_read() -> None:
    assert read_document(WHOLE, ModelFile, "model.toml").name == "rent"


@pytest.mark.parametrize("place", FIELDS, ids=lambda place: ".".join(map(str, place)))
def test_no_odd_value_of_another_type_is_accepted(place: KeyPath) -> None:
    for value in ODD:
        if not fits(value, FIELDS[place]):
            refuse(place, value)


@given(place=st.sampled_from(list(FIELDS)), value=VALUES)
@settings(max_examples=500)
def test_no_value_of_another_type_is_accepted(place: KeyPath, value: Any) -> None:
    assume(not fits(value, FIELDS[place]))
    refuse(place, value)


@pytest.mark.parametrize("requirement", ["lightgbm==4.7.0", "xgboost-cpu==3.2.0", "a==1", "A.b_c==2.0.0rc1"])
def test_a_package_is_required_in_one_version(requirement: str) -> None:
    document = with_value(WHOLE, ("pipeline", "requires"), [requirement])
    assert read_document(document, ModelFile, "model.toml").pipeline.requires == (requirement,)


@pytest.mark.parametrize(
    "requirement",
    [
        *(
            "lightgbm",
            "lightgbm>=4",
            "lightgbm == 4",
            "lightgbm==4.*",
            "lightgbm==",
            "==1",
            "-r==1",
            "--pre",
            "a==1 --pre",
        ),
        *(
            "a @ https://example.com/a.whl",
            "https://example.com/a.whl",
            "./a==1",
            "a==1\n--pre",
            "a[b]==1",
            "a==1;b",
            "",
        ),
    ],
)
def test_nothing_else_is_handed_to_pip(requirement: str) -> None:
    refuse(("pipeline", "requires"), [requirement])


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_accepted_nowhere(number: float) -> None:
    for place, hint in FIELDS.items():
        refuse(place, {"rooms": number} if get_origin(hint) is Mapping else number)


TEXTS: Mapping[str, Any] = {
    "name": "opinions",
    "task": "text-classification",
    "kind": "checkpoint",
    "retrainable": False,
    "target": {"name": "label", "type": "string"},
    "features": {"text": {"type": "string", "categorical": False}},
}


def test_the_kind_of_a_model_is_one_that_does_its_task() -> None:
    assert read_document(TEXTS, ModelFile, "model.toml").kind == "checkpoint"
    assert read_document({**TEXTS, "kind": "pipeline"}, ModelFile, "model.toml").kind == "pipeline"
    with pytest.raises(DocumentError, match='kind: pipeline is expected, "checkpoint" was found; no other kind'):
        read_document({**WHOLE, "kind": "checkpoint", "retrainable": False}, ModelFile, "model.toml")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"retrainable": True}, "retrainable: false is expected, true was found; a checkpoint is trained elsewhere"),
        ({"target": [TEXTS["target"], {"name": "other", "type": "string"}]}, "target: one section"),
    ],
)
def test_a_checkpoint_is_not_trained_and_has_one_target(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        read_document({**TEXTS, **changed}, ModelFile, "model.toml")
