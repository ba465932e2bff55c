"""The short way from a body to columns agrees with the long one."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import orjson
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from functions.core.errors import Fault, InvalidInputError, TooLargeError
from functions.core.instances import BodyPlace, InstanceReader, faults_placed, parse_instances
from functions.core.row_budget import RowBudget
from functions.core.schema import Feature, Schema
from functions.core.validator import Validator
from tests.generated import examples

SCHEMA = Schema(
    features=(
        Feature("car name", "string", categorical=False),
        Feature("fuel", "string", nullable=True, levels=("Diesel", "Petrol", "ñ & ü")),
        Feature("gearbox", "string", allowed=("Manual", "Automatic")),
        Feature("doors", "integer", allowed=(3, 5)),
        Feature("year", "integer", minimum=1950, maximum=2100),
        Feature("km", "number", nullable=True, minimum=0),
        Feature("sold", "datetime", nullable=True, minimum="1950-01-01"),
        Feature("seen", "datetime", nullable=True, time_zone="UTC"),
    ),
    target=Feature("price", "number"),
    id="key",
)
CAR = {"car name": "Swift", "fuel": "Petrol", "gearbox": "Manual", "doors": 5, "year": 2014, "km": 1.5}
READER = InstanceReader(SCHEMA)
VALIDATOR = Validator(SCHEMA)
BUDGET = RowBudget(most=1000, remedy="send them in parts")

texts = st.sampled_from(["Swift", "", "Petrol", "petrol", "ñ & ü", "Manual", "5", "emoji 🚗", "a\nb", '"'])
numbers = st.one_of(
    st.sampled_from([0, 3, 5, 5.0, 2014, 2014.5, -1, 2**53, 2**53 + 1, 10**30, 1e300, -0.0]), st.floats(allow_nan=False)
)
moments = st.sampled_from(["2024-02-29", "2023-02-29", "2024-02-29T10:30Z", "1949-12-31", "2024-02-29 10:30:00.5", ""])
values = st.one_of(texts, numbers, st.none(), st.booleans(), st.just([]), st.just({}))
likely = {
    "car name": st.one_of(texts, values),
    "fuel": st.sampled_from(["Petrol", "Diesel", None, "Hydrogen", "petrol"]),
    "gearbox": st.sampled_from(["Manual", "Automatic", "manual"]),
    "doors": st.sampled_from([3, 5, 5.0, 4, True]),
    "year": st.one_of(st.integers(1940, 2110), values),
    "km": st.one_of(st.floats(0, 1e6), st.integers(0, 10**6), values),
    "sold": st.one_of(moments, values),
    "seen": st.one_of(moments, values),
}
instances = st.fixed_dictionaries(
    {"car name": likely["car name"], "gearbox": likely["gearbox"], "doors": likely["doors"], "year": likely["year"]},
    optional={
        **{name: likely[name] for name in ("fuel", "km", "sold", "seen")},
        **dict.fromkeys(("key", "identity", "unknown"), values),
    },
)


@examples(500)
@given(rows=st.lists(instances, min_size=1, max_size=4), form=st.sampled_from(["single", "array", "wrapped"]))
def test_what_is_read_is_what_the_validator_makes_of_it(rows: list[dict[str, Any]], form: str) -> None:
    rows = rows[:1] if form == "single" else rows
    payload = {"single": rows[0], "array": rows, "wrapped": {"instances": rows}}[form]
    body = json.dumps(payload, ensure_ascii=False, allow_nan=True).encode()
    batch = READER.read(body)
    if batch is None:
        return
    parsed = orjson.loads(json.dumps(rows))
    assert batch.table == VALIDATOR.table(parsed)
    assert list(batch.table) == list(SCHEMA.feature_names)
    assert batch.ids == VALIDATOR.ids(parsed)
    assert batch.rows == len(rows)


@pytest.mark.parametrize("payload", [CAR, [CAR, CAR], {"instances": [CAR]}, {"instances": [{**CAR, "key": 7}]}])
def test_a_sound_body_is_read_at_once(payload: Any) -> None:
    assert READER.read(json.dumps(payload).encode()) is not None


def test_datetimes_are_read_at_once_and_their_colons_are_no_keys() -> None:
    times = {"sold": "2026-11-29T10:30:00.5", "seen": "2026-11-29T10:30:00+02:00"}
    batch = READER.read(json.dumps([{**CAR, **times}, CAR]).encode())
    assert batch is not None
    assert batch.table["sold"] == [datetime(2026, 11, 29, 10, 30, 0, 500_000), None]
    assert batch.table["seen"] == [datetime(2026, 11, 29, 8, 30), None]


@pytest.mark.parametrize(
    "time", ["2026-02-30", "1949-12-31", "2026-11-29T10:30Z", "2026-11-29T24:00", "", "2" * 100, 1764374400, None]
)
def test_a_datetime_is_read_at_once_exactly_if_the_validator_takes_it(time: Any) -> None:
    assert (READER.read(json.dumps({**CAR, "sold": time}).encode()) is not None) is (time is None)


def test_nullable_features_may_be_null_or_left_out() -> None:
    left_out = {name: value for name, value in CAR.items() if name not in ("fuel", "km")}
    batch = READER.read(json.dumps([left_out, {**CAR, "fuel": None, "km": None}]).encode())
    assert batch is not None
    assert (batch.table["fuel"], batch.table["km"]) == ([None, None], [None, None])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"instances": []}',
        b"null",
        b"not JSON",
        b"\xff\xfe",
        json.dumps({**CAR, "km": float("nan")}).encode(),
        json.dumps({**CAR, "car name": "x"}).encode().replace(b'"x"', b'"\xff"'),
        json.dumps({**CAR, "fuel": "Hydrogen"}).encode(),
        json.dumps({"instances": [CAR], "more": 1}).encode(),
        json.dumps([CAR, [CAR]]).encode(),
        json.dumps({**CAR, "key": 2**53 + 1}).encode(),
        json.dumps({**CAR, "key": -(10**30)}).encode(),
    ],
)
def test_anything_else_is_left_to_the_validator(body: bytes) -> None:
    assert READER.read(body) is None


@examples(300)
@given(
    row=instances,
    text=st.sampled_from(["Swift", "a: b", ":", "::", "\\u003a", '":']),
    again=st.sampled_from(["car name", "fuel", "km", "key", "year"]),
    is_batch=st.booleans(),
)
def test_a_repeated_key_is_never_read_at_once(row: dict[str, Any], text: str, again: str, is_batch: bool) -> None:
    row = {**row, "car name": text}
    assume(again in row)
    members = [f"{json.dumps(name)}:{json.dumps(value)}" for name, value in [*row.items(), (again, row[again])]]
    once, twice = ("{" + ",".join(chosen) + "}" for chosen in (members[:-1], members))
    assert READER.read((f"[{once},{twice}]" if is_batch else twice).encode()) is None


@pytest.mark.parametrize("text", ["a: b", "::", "https://example.org/?a:b"])
def test_a_colon_in_a_text_is_no_key(text: str) -> None:
    for payload in ({**CAR, "car name": text}, [{**CAR, "key": text}], {"instances": [{**CAR, "car name": text}]}):
        assert READER.read(json.dumps(payload).encode()) is not None


def test_an_escaped_colon_hides_no_key() -> None:
    body = json.dumps({**CAR, "car name": "a: b"}).replace("a:", "a\\u003a")
    assert orjson.loads(body)["car name"] == "a: b"
    assert READER.read(body.encode()) is not None
    assert READER.read(body.replace("}", ', "year": 2014}').encode()) is None


@given(st.lists(instances, min_size=1, max_size=6))
def test_a_body_never_holds_more_rows_than_its_length_allows(rows: list[dict[str, Any]]) -> None:
    for sent in (rows, [{**CAR, "car name": "x", "year": 1950}] * len(rows)):
        body = json.dumps(sent, separators=(",", ":")).encode()
        batch = READER.read(body)
        assert batch is None or batch.rows <= READER.most_rows(body)


def test_instances_without_a_value_of_their_own_are_counted_by_their_braces() -> None:
    reader = InstanceReader(Schema((Feature("a", "number", nullable=True),), SCHEMA.target))
    body = b"[" + b",".join([b"{}"] * 50) + b"]"
    batch = reader.read(body)
    assert batch is not None
    assert batch.rows == 50 <= reader.most_rows(body) < 55


def test_colons_are_counted_by_the_function_that_is_given() -> None:
    asked: list[bytes] = []

    def count(body: bytes, byte: bytes) -> int:
        asked.append(byte)
        return body.count(byte)

    reader, body = InstanceReader(SCHEMA, count=count), json.dumps(CAR)
    assert reader.read(body.encode()) is not None
    assert reader.read(body.replace("}", ', "year": 2014}').encode()) is None
    assert asked == [b":", b":"]


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)


@settings(max_examples=200)
@given(names=st.lists(TEXT, min_size=2, max_size=4, unique=True), level=TEXT, is_ascii=st.booleans())
@example(names=['a"b', "a\\b", "a\nb", "\0"], level='"\\', is_ascii=True)
@example(names=["feature_1", "feature_0", "identity", "__class__"], level="a:b", is_ascii=False)
@example(names=["caf\u00e9", "cafe\u0301", "x" * 300, "a:b"], level="\n", is_ascii=True)
def test_any_names_and_levels_are_read_as_the_validator_reads_them(
    names: list[str], level: str, is_ascii: bool
) -> None:
    kinds = [Feature(name, "number") for name in names[2:]]
    assume("price" not in names and "instances" not in names)
    schema = Schema((Feature(names[0], "string", levels=(level,)), *kinds), Feature("price", "number"), id=names[1])
    row = {names[0]: level, names[1]: 7, **dict.fromkeys(names[2:], 1.5)}
    found = [InstanceReader(schema).read(json.dumps(body, ensure_ascii=is_ascii).encode()) for body in (row, [row])]
    table = Validator(schema).table([row])
    assert all(batch is None or (batch.table, batch.ids) == (table, [7]) for batch in found)


@pytest.mark.parametrize("name", ["caf\u00e9", "a b", "a.b", "\x7f", "\u2028", "feature_1", "x" * 300])
def test_most_names_are_read_at_once(name: str) -> None:
    schema = Schema((Feature("feature_0", "number"), Feature(name, "number")), SCHEMA.target)
    assert InstanceReader(schema).read(json.dumps({"feature_0": 1.5, name: 2.5}).encode()) is not None


def test_a_name_that_is_no_id_is_unknown() -> None:
    schema = Schema(SCHEMA.features, SCHEMA.target)
    assert InstanceReader(schema).read(json.dumps({**CAR, "identity": "x"}).encode()) is None
    with pytest.raises(InvalidInputError):
        Validator(schema).table([{**CAR, "identity": "x"}])


def test_a_closed_list_of_fractions_is_left_to_the_validator() -> None:
    schema = Schema((Feature("size", "number", allowed=(0.5, 1)),), SCHEMA.target)
    assert InstanceReader(schema).read(b'{"size": 0.5}') is None
    assert Validator(schema).table([{"size": 0.5}]) == {"size": [0.5]}


TEXT = Schema(features=(Feature("text", "string", categorical=False),), target=Feature("tag", "string"))


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"text": "a"}', BodyPlace(("body",), is_single=True)),
        (b'[{"text": "a"}]', BodyPlace(("body",))),
        (b'{"instances": [{"text": "a"}]}', BodyPlace(("body", "instances"))),
        (b'{"texts": [{"text": "a"}]}', BodyPlace(("body", "texts"))),
    ],
)
def test_both_ways_know_where_the_instances_are_in_the_body(body: bytes, place: BodyPlace) -> None:
    names = ("instances", "texts")
    batch = InstanceReader(TEXT, names).read(body)
    assert batch is not None
    assert batch.place == place == parse_instances(body, BUDGET, names).place


def test_a_name_that_another_task_has_for_its_instances_is_no_wrapper() -> None:
    body = b'{"texts": [{"text": "a"}]}'
    assert InstanceReader(TEXT).read(body) is None
    assert parse_instances(body, BUDGET).place == BodyPlace(("body",), is_single=True)


def test_faults_are_put_where_the_client_wrote_them() -> None:
    with pytest.raises(InvalidInputError) as several, faults_placed(BodyPlace(("body", "instances"))):
        raise InvalidInputError([Fault((3, "km"), "", "")])
    with pytest.raises(InvalidInputError) as single, faults_placed(BodyPlace(("body",), is_single=True)):
        raise InvalidInputError([Fault((0, "km"), "", "")])
    assert several.value.faults[0].loc == ("body", "instances", 3, "km")
    assert single.value.faults[0].loc == ("body", "km")


@pytest.mark.parametrize("rows", [[{}] * 1001, [1] * 1001, [[]] * 1001])
@pytest.mark.parametrize("name", [None, "instances"])
def test_more_rows_than_the_budget_are_too_large_whatever_they_are(rows: list[Any], name: str | None) -> None:
    body = json.dumps({name: rows} if name else rows).encode()
    with pytest.raises(TooLargeError, match="1001 instances are more than 1000"):
        parse_instances(body, BUDGET)
