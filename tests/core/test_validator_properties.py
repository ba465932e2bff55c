"""Properties of the validator: any rows, in any order, are judged as each of their values is."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st

from functions.core.column_check import ColumnCheck
from functions.core.datetimes import TimeZone
from functions.core.errors import Fault, InvalidInputError
from functions.core.schema import Feature, FeatureType
from functions.core.validator import ID_RANGE
from tests.core.car_instances import SOUND, VALIDATOR
from tests.generated import examples

levels = st.text(st.sampled_from("aB -_é"), min_size=1, max_size=3)
strings = levels | st.sampled_from(["", "AB", "a b"])
integers = st.integers(-6, 6) | st.sampled_from([2**53, 2**53 + 1, -(2**53) - 1, 10**400, -(10**400)])
numbers = integers | st.floats(-6, 6) | st.floats() | st.integers(-6, 6).map(float)
anything: st.SearchStrategy[Any] = (
    st.none()
    | st.booleans()
    | strings
    | numbers
    | st.lists(st.integers(0, 1), max_size=1)
    | st.dictionaries(st.just("a"), st.integers(0, 1), max_size=1)
)


@st.composite
def features(draw: st.DrawFn, name: str = "x") -> Feature:
    kind: FeatureType = draw(st.sampled_from(get_args(FeatureType)))
    nullable = draw(st.booleans())
    rule = draw(st.sampled_from(["none", "allowed", "learned"]))
    if kind == "boolean":
        return Feature(name, kind, nullable=nullable)
    if kind == "datetime":
        return Feature(name, kind, nullable=nullable, time_zone=draw(st.sampled_from(get_args(TimeZone))))
    if kind == "string":
        known = tuple(draw(st.lists(levels, min_size=1, max_size=3, unique=True))) if rule != "none" else ()
        return Feature(
            name,
            "string",
            nullable=nullable,
            allowed=known if rule == "allowed" else (),
            levels=known if rule == "learned" else (),
        )
    if rule == "allowed":
        choices = st.integers(-3, 3) if kind == "integer" else st.integers(-3, 3) | st.floats(-3, 3)
        allowed = draw(st.lists(choices, min_size=1, max_size=3))
        return Feature(name, kind, nullable=nullable, allowed=tuple(allowed))
    low, high = sorted([draw(st.integers(-5, 5)), draw(st.integers(-5, 5))])
    return Feature(
        name,
        kind,
        nullable=nullable,
        minimum=low if draw(st.booleans()) else None,
        maximum=high if draw(st.booleans()) else None,
    )


MOMENTS = st.datetimes().map(str) | st.dates().map(str) | st.datetimes().map("{0}Z".format) | st.just("2023-02-29")


@examples(500)
@given(st.data())
def test_the_fast_path_and_the_slow_path_agree(data: st.DataObject) -> None:
    feature = data.draw(features())
    values: dict[FeatureType, st.SearchStrategy[Any]] = {
        "string": strings,
        "integer": integers,
        "number": numbers,
        "boolean": st.booleans(),
        "datetime": MOMENTS,
    }
    near = values[feature.type]
    column: list[Any] = data.draw(st.lists(data.draw(st.sampled_from([near, near | st.none(), anything])), max_size=5))
    check = ColumnCheck(feature)
    passes = check.passes(column)
    assert passes == (not list(check.faults(column)))


@examples(500)
@given(st.data())
def test_a_value_is_judged_the_same_alone_and_in_a_batch(data: st.DataObject) -> None:
    feature = data.draw(features())
    column = data.draw(st.lists(anything | MOMENTS, min_size=1, max_size=5))
    check = ColumnCheck(feature)
    alone = [row for row, value in enumerate(column) if not check.passes([value])]
    check.passes(column)
    assert [fault.loc for fault in check.faults(column)] == [(row, feature.name) for row in alone]


ROWS = st.fixed_dictionaries(
    {
        "owner": st.sampled_from(["First Owner", "Second Owner", "日本"]),
        "year": st.integers(1950, 2100) | st.integers(1950, 2100).map(float),
        "gearbox": st.sampled_from(["Manual", "semi-automatic"]),
    },
    optional={
        "fuel": st.sampled_from([None, "Diesel", "Steam"]),
        "km_driven": st.none() | st.floats(0, 1e9) | st.integers(0, 10**12),
        "doors": st.sampled_from([None, 3, 5, 3.0]),
        "key": st.none() | st.integers(*ID_RANGE) | st.text(),
    },
)


@given(st.lists(ROWS, min_size=1, max_size=6).flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_permuted_instances_give_permuted_columns(drawn: tuple[list[Any], list[Any]]) -> None:
    rows, permuted = drawn
    place = {id(row): position for position, row in enumerate(rows)}
    order = [place[id(row)] for row in permuted]
    table, again = VALIDATOR.table(rows), VALIDATOR.table(permuted)
    assert again == {name: [column[row] for row in order] for name, column in table.items()}


@given(st.lists(ROWS, min_size=1, max_size=6), st.data())
def test_the_order_of_keys_does_not_matter(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    shuffled = [dict(data.draw(st.permutations(list(row.items())))) for row in rows]
    assert VALIDATOR.table(shuffled) == VALIDATOR.table(rows)


@given(st.lists(st.dictionaries(st.sampled_from([*SOUND, "key", "colour"]), anything), max_size=4))
def test_a_batch_has_the_faults_of_its_instances(rows: list[dict[str, Any]]) -> None:
    def found(batch: list[dict[str, Any]]) -> list[Fault]:
        try:
            VALIDATOR.table(batch)
        except InvalidInputError as error:
            return list(error.faults)
        return []

    alone = [
        [Fault((row, *fault.loc[1:]), fault.msg, fault.type) for fault in found([one])] for row, one in enumerate(rows)
    ]
    assert found(rows) == [fault for faults in alone for fault in faults]
