"""Model folders: read whole, refused with the file and the key of every fault."""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.core.definition import Comparison, FunctionSettings, Gate, Limits, Split
from functions.core.errors import DefinitionError
from functions.core.model_folder import load_definition, load_definitions
from functions.core.routes import RESOURCES

MINIMAL = """
name = "rent"
task = "tabular-regression"
[target]
name = "price"
type = "number"
[features.rooms]
type = "integer"
"""
TEXT = """
name = "rent"
task = "text-classification"
[target]
name = "tag"
type = "string"
[features.text]
type = "string"
categorical = false
"""
ANSWERS = 'name = "rent"\ntask = "question-answering"\nhub_id = "Owner/some_name.v2"\n'
PAIR = ({"question": "Who?", "context": "Somebody."},)
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a model folder; returns it."""

    def write(text: str = MINIMAL, *, name: str = "rent", examples: Any = ({"rooms": 2},)) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "model.toml").write_text(text, encoding="utf-8")
        (folder / "examples.json").write_text(json.dumps(examples), encoding="utf-8")
        return folder

    return write


def with_lines(*lines: str) -> str:
    """The minimal definition with lines before its first section."""
    return MINIMAL.replace("[target]", "\n".join(lines) + "\n[target]", 1)


def refusals(folder: Path) -> list[str]:
    """The lines of the refusal, without the folder."""
    with pytest.raises(DefinitionError) as caught:
        load_definition(folder)
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f"{folder}/") for line in lines)
    return [line.removeprefix(f"{folder}/").removeprefix("model.toml: ") for line in lines]


def test_a_minimal_definition_has_the_documented_defaults(write: Write) -> None:
    folder = write()
    definition = load_definition(folder)
    assert (definition.name, definition.task, definition.folder) == ("rent", "tabular-regression", folder)
    assert definition.schema.feature_names == ("rooms",)
    assert definition.schema.target.name == "price"
    assert definition.examples == ({"rooms": 2},)
    assert (definition.split, definition.gate) == (Split("hash", 0.2, 1), Gate())
    assert (definition.limits, definition.function) == (Limits(), FunctionSettings())
    assert definition.retrainable
    assert not definition.is_classification


def test_every_section_is_read(write: Write) -> None:
    text = (
        MINIMAL
        + """
nullable = true
allowed = [1, 2]
[args]
alpha = 0.5
[files]
rename = { Rooms = "rooms" }
fill = { rooms = 1 }
missing = ["-"]
[split]
method = "random"
test_size = 0.25
seed = 7
[gate]
floors = { r2 = 0.3 }
ceilings = { rmse = 10 }
compare = { metric = "r2", margin = 0.01 }
[limits]
max_instances = 5
[function]
memory_mb = 2048
timeout_seconds = 9
storage_mb = 512
reserved_concurrency = 4
snap_start = true
freshness_seconds = 2.5
"""
    )
    text = text.replace("[target]", 'retrainable = false\nhub_id = "a/b"\nid = "key"\nslices = ["rooms"]\n[target]', 1)
    definition = load_definition(write(text))
    assert definition.args == {"alpha": 0.5}
    assert definition.files.rename == {"Rooms": "rooms"}
    assert definition.files.fill == {"rooms": 1}
    assert definition.files.missing == ("-",)
    assert definition.split == Split("random", 0.25, 7)
    assert definition.gate == Gate({"r2": 0.3}, {"rmse": 10}, Comparison("r2", 0.01))
    assert definition.limits.max_instances == 5
    assert definition.function == FunctionSettings(2048, 9, 512, 4, snap_start=True, freshness_seconds=2.5)
    assert (definition.retrainable, definition.hub_id, definition.slices) == (False, "a/b", ("rooms",))
    assert definition.schema.id == "key"
    assert definition.schema.features[0].allowed == (1, 2)


def test_a_column_may_be_joined_of_several(write: Write) -> None:
    files = load_definition(write(TEXT + '[files]\njoin = { text = ["title", "body"] }')).files
    assert {name: list(parts) for name, parts in files.join.items()} == {"text": ["title", "body"]}


KEYS = (
    "args, batch, description, features, files, function, gate, hub_id, id, kind, limits, name, pipeline, retention, "
    "retrainable, slices, split, target, task"
)
FEATURE_KEYS = "allowed, categorical, description, maximum, minimum, nullable, time_zone, type"
TEXT_HINT = "a text-classification reads free text"
COUNT = "a whole number from 1 to 1000000000"
SIZE = "a whole number from 1 to 1000000000000"
SEED = "a whole number from 0 to 4294967295"
SECONDS = "a whole number from 1 to 29 (the gateway gives up after 30)"
SECTION = "a section of keys and values"
TYPE = "one of string, integer, number, boolean, datetime"
BOUND = 'a number (for a datetime, a text such as "2026-11-29")'
FIRST_PART = MINIMAL.split("[features")[0]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        # keys before the first section
        (MINIMAL.replace('"rent"', '"other"'), 'name: the name "rent" of its folder is expected, "other" was found'),
        (
            MINIMAL.replace('"tabular-regression"', '"clustering"'),
            "task: one of tabular-classification, tabular-regression, text-classification, question-answering "
            'is expected, "clustering" was found',
        ),
        (with_lines("description = 5"), "description: text is expected, 5 was found"),
        (with_lines("id = 5"), "id: text that is not empty is expected, 5 was found"),
        (with_lines('id = ""'), 'id: text that is not empty is expected, "" was found'),
        (
            with_lines('id = "rooms"'),
            'id: a name that neither a feature nor the target has is expected, "rooms" was found',
        ),
        (with_lines('retrainable = "yes"'), 'retrainable: true or false is expected, "yes" was found'),
        (with_lines('slices = ["room"]'), 'slices[0]: one of the columns rooms, price is expected, "room" was found'),
        (with_lines('slices = "rooms"'), 'slices: an array of texts is expected, "rooms" was found'),
        (with_lines("slices = [1]"), "slices[0]: text is expected, 1 was found"),
        (with_lines('colour = "red"'), f"colour: one of the keys {KEYS} is expected, an unknown one was found"),
        (
            with_lines('descripton = "a"'),
            f"descripton: one of the keys {KEYS} is expected, an unknown one was found; did you mean description?",
        ),
        (with_lines("files = 3"), f"files: {SECTION} is expected, 3 was found"),
        (with_lines("gate = []"), f"gate: {SECTION} is expected, [] was found"),
        # names of columns
        (
            MINIMAL.replace("rooms", "instances"),
            'features.instances: another name is expected, "instances" was found; '
            'a body {"instances": [...]} holds several instances; '
            'rename it: [files] rename = { "instances" = "instances_column" }',
        ),
        (
            TEXT.replace("features.text", "features.texts"),
            'features.texts: another name is expected, "texts" was found; '
            'a body {"texts": [...]} holds several instances; '
            'rename it: [files] rename = { "texts" = "texts_column" }',
        ),
        (
            with_lines('id = "instances"'),
            'id: another name is expected, "instances" was found; a body {"instances": [...]} holds several instances; '
            'rename it: [files] rename = { "instances" = "instances_column" }',
        ),
        (
            MINIMAL.replace("rooms", "' rooms'"),
            'features." rooms": the name of a column is expected, " rooms" was found; '
            "it begins or ends with spaces, which reading a file removes: call it 'rooms'",
        ),
        (
            MINIMAL.replace("rooms", '"a\\u0000"'),
            'features."a\\u0000": the name of a column is expected, "a\\u0000" was found; '
            "it holds a NUL character, which no CSV file can hold: rename the column",
        ),
        (
            MINIMAL.replace('"price"', '"price "'),
            'target.name: the name of a column is expected, "price " was found; '
            "it begins or ends with spaces, which reading a file removes: call it 'price'",
        ),
        # args
        (with_lines('args = "none"'), f'args: {SECTION} is expected, "none" was found'),
        (
            with_lines("args = { since = 2026-01-31 }"),
            "args.since: text, a number, true, false, an array or a section is expected, the date 2026-01-31 was found",
        ),
        (
            with_lines("args = { steps = [1, { rate = nan }] }"),
            "args.steps[1].rate: a finite number of at most 64 bits is expected, nan was found",
        ),
        (
            with_lines(f"args = {{ depth = {2**63} }}"),
            f"args.depth: a finite number of at most 64 bits is expected, {2**63} was found",
        ),
        # [files]
        (
            MINIMAL + '[files]\nfill = { rooms = "two" }',
            'files.fill.rooms: a value of rooms is expected, "two" was found; must be an integer, not a string',
        ),
        (
            MINIMAL + "[files]\nfill = { rooms = 1.5 }",
            "files.fill.rooms: a value of rooms is expected, 1.5 was found; must be a whole number",
        ),
        (
            MINIMAL + "minimum = 1\n[files]\nfill = { rooms = 0 }",
            "files.fill.rooms: a value of rooms is expected, 0 was found; must be at least 1",
        ),
        (
            MINIMAL + "[files]\nfill = { room = 0 }",
            'files.fill.room: one of the columns rooms, price is expected, "room" was found',
        ),
        (
            MINIMAL + "[files]\nfill = { rooms = [1] }",
            "files.fill.rooms: text or a number or true or false is expected, [1] was found",
        ),
        (
            MINIMAL + "[files]\nfill = { price = inf }",
            "files.fill.price: text or a number or true or false is expected, inf was found",
        ),
        (
            MINIMAL + '[files]\nrename = { Rooms = "room" }',
            'files.rename.Rooms: one of the columns rooms, price is expected, "room" was found',
        ),
        (MINIMAL + "[files]\nrename = { Rooms = 1 }", "files.rename.Rooms: text is expected, 1 was found"),
        (
            MINIMAL + '[files]\njoin = { room = ["a"] }',
            'files.join.room: one of the columns rooms, price is expected, "room" was found',
        ),
        (
            MINIMAL + '[files]\njoin = { rooms = ["a"] }',
            "files.join.rooms: a column of type string is expected, one of type integer was found; texts are joined",
        ),
        (
            MINIMAL + '[files]\njoin = { rooms = "a" }',
            'files.join.rooms: an array of texts, at least 1, is expected, "a" was found',
        ),
        (
            MINIMAL + "[files]\njoin = { rooms = [] }",
            "files.join.rooms: an array of texts, at least 1, is expected, [] was found",
        ),
        (MINIMAL + '[files]\nmissing = "-"', 'files.missing: an array of texts is expected, "-" was found'),
        (MINIMAL + "[files]\nmissing = [0]", "files.missing[0]: text is expected, 0 was found"),
        (
            MINIMAL + "[files]\nsnake_case_column = true",
            "files.snake_case_column: one of the keys date_order, decimal, fill, join, missing, rename, rename_values, "
            "snake_case_columns, snake_case_values is expected, an unknown one was found; "
            "did you mean snake_case_columns?",
        ),
        (
            MINIMAL + '[files]\ndate_order = { rooms = "day-month-year" }',
            "files.date_order.rooms: a column of type datetime is expected, one of type integer was found",
        ),
        (
            MINIMAL + '[files]\ndate_order = { room = "day-month-year" }',
            'files.date_order.room: one of the columns rooms, price is expected, "room" was found',
        ),
        (
            MINIMAL + '[files]\ndate_order = { rooms = "dd/mm/yyyy" }',
            "files.date_order.rooms: one of day-month-year, month-day-year, year-month-day is expected, "
            '"dd/mm/yyyy" was found',
        ),
        (
            MINIMAL + '[features.sold]\ntype = "datetime"\nminimum = 2020-01-31',
            'features.sold.minimum: a number (for a datetime, a text such as "2026-11-29") is expected, '
            "the date 2020-01-31 was found",
        ),
        (
            MINIMAL + '[features.sold]\ntype = "datetime"\ntime_zone = "Europe/Madrid"',
            'features.sold.time_zone: one of none, UTC is expected, "Europe/Madrid" was found',
        ),
        (
            MINIMAL + '[features.sold]\ntype = "datetime"\n[files]\nfill = { sold = "31/12/2024" }',
            'files.fill.sold: a value of sold is expected, "31/12/2024" was found; '
            "'31/12/2024' is no date and time in ISO 8601, such as 2026-11-29 or 2026-11-29T10:30:00",
        ),
        (
            MINIMAL.replace('type = "number"', 'type = "datetime"'),
            'target.type: string, integer, number or boolean is expected, "datetime" was found; '
            "predict the days until then, as a number",
        ),
        (
            MINIMAL + '[files]\nsnake_case_values = "true"',
            'files.snake_case_values: true or false is expected, "true" was found',
        ),
        # [split]
        (MINIMAL + '[split]\nmethod = "time"', 'split.method: one of hash, random is expected, "time" was found'),
        (MINIMAL + '[split]\nseed = "one"', f'split.seed: {SEED} is expected, "one" was found'),
        (MINIMAL + "[split]\nseed = -1", f"split.seed: {SEED} is expected, -1 was found"),
        (MINIMAL + "[split]\nseed = true", f"split.seed: {SEED} is expected, true was found"),
        *(
            (
                MINIMAL + f"[split]\ntest_size = {size}",
                f"split.test_size: a number greater than 0 and less than 1 is expected, {size} was found",
            )
            for size in ('"0.2"', "1", "0", "-0.5", "1.5", "nan", "true", "[0.2]")
        ),
        # [gate]
        (MINIMAL + '[gate]\nfloors = { r2 = "high" }', 'gate.floors.r2: a number is expected, "high" was found'),
        (MINIMAL + "[gate]\nfloors = { r2 = nan }", "gate.floors.r2: a number is expected, nan was found"),
        (MINIMAL + "[gate]\nceilings = { rmse = true }", "gate.ceilings.rmse: a number is expected, true was found"),
        (
            MINIMAL + "[gate]\nfloors = { accuracy = 0.5 }",
            'gate.floors.accuracy: one of the metrics rmse, mae, r2 is expected, "accuracy" was found',
        ),
        (
            MINIMAL + "[gate]\nfloors = { r2 = 85 }",
            "gate.floors.r2: a number of at most 1 is expected, 85 was found; r2 is 1 at best",
        ),
        (
            MINIMAL + "[gate]\nceilings = { rmse = -1 }",
            "gate.ceilings.rmse: a number of at least 0 is expected, -1 was found; rmse is 0 at best",
        ),
        (
            MINIMAL + "[gate]\nceilings = { rsme = 5 }",
            'gate.ceilings.rsme: one of the metrics rmse, mae, r2 is expected, "rsme" was found',
        ),
        (
            MINIMAL + '[gate]\ncompare = { metric = "f1" }',
            'gate.compare.metric: one of the metrics rmse, mae, r2 is expected, "f1" was found',
        ),
        (
            MINIMAL + "[gate]\nfloor = { r2 = 0.3 }",
            "gate.floor: one of the keys ceilings, compare, floors is expected, an unknown one was found; "
            "did you mean floors?",
        ),
        (MINIMAL + '[gate]\ncompare = "r2"', f'gate.compare: {SECTION} is expected, "r2" was found'),
        (MINIMAL + "[gate.compare]\nmargin = 0.1", "gate.compare.metric: text is expected, nothing was found"),
        (
            MINIMAL + '[gate.compare]\nmetric = "r2"\nmargin = -0.1',
            "gate.compare.margin: a number of at least 0 is expected, -0.1 was found",
        ),
        (
            ANSWERS + "[gate]\nfloors = { f1 = 0.8 }",
            'gate.floors.f1: no metric of a question-answering model is expected, "f1" was found',
        ),
        # [pipeline]
        (MINIMAL + '[pipeline]\njoblib = "a"', 'pipeline.sha256: the digest of the joblib is expected, "" was found'),
        (
            MINIMAL + f'[pipeline]\nsha256 = "{"0" * 64}"',
            'pipeline.joblib: the file that has the sha256 is expected, "" was found',
        ),
        (
            MINIMAL + '[pipeline]\nsha256 = "00"',
            'pipeline.sha256: a sha256 of 64 hexadecimal digits is expected, "00" was found',
        ),
        (
            MINIMAL + f'[pipeline]\njoblib = "../a"\nsha256 = "{"0" * 64}"',
            'pipeline.joblib: a file of the folder is expected, "../a" was found',
        ),
        (
            MINIMAL + f'[pipeline]\njoblib = ".."\nsha256 = "{"0" * 64}"',
            'pipeline.joblib: a file of the folder is expected, ".." was found',
        ),
        (
            MINIMAL + '[pipeline]\ncode = ["/etc/a.py"]',
            'pipeline.code[0]: a file of the folder is expected, "/etc/a.py" was found',
        ),
        # [limits]
        *(
            (MINIMAL + f"[limits]\n{name} = {value}", f"limits.{name}: {expected} is expected, {value} was found")
            for name, value, expected in (
                ("max_instances", '"many"', COUNT),
                ("max_instances", "0", COUNT),
                ("max_instances", "10.0", COUNT),
                ("max_instances", str(10**30), COUNT),
                ("max_payload_bytes", "-1", SIZE),
                ("max_training_bytes", '"5 GB"', SIZE),
                ("max_tokens", "true", COUNT),
                ("minimum_training_rows", "nan", COUNT),
                ("minimum_training_rows", "-5", COUNT),
            )
        ),
        (
            MINIMAL + "[limits]\nmax_instance = 1",
            "limits.max_instance: one of the keys max_instances, max_payload_bytes, max_tokens, max_training_bytes, "
            "minimum_training_rows is expected, an unknown one was found; did you mean max_instances?",
        ),
        # [function]
        *(
            (MINIMAL + f"[function]\n{name} = {value}", f"function.{name}: {expected} is expected, {value} was found")
            for name, value, expected in (
                ("timeout_seconds", '"soon"', SECONDS),
                ("timeout_seconds", "0", SECONDS),
                ("timeout_seconds", "30", SECONDS),
                ("timeout_seconds", "2.5", SECONDS),
                ("timeout_seconds", "true", SECONDS),
                ("memory_mb", "127", "a whole number from 128 to 10240"),
                ("memory_mb", "10241", "a whole number from 128 to 10240"),
                ("memory_mb", '"512"', "a whole number from 128 to 10240"),
                ("storage_mb", "511", "a whole number from 512 to 10240"),
                ("storage_mb", "512.0", "a whole number from 512 to 10240"),
                ("reserved_concurrency", "0", "a whole number from 1 to 100000"),
                ("reserved_concurrency", "-1", "a whole number from 1 to 100000"),
                ("freshness_seconds", "-1", "a number from 0 to 86400"),
                ("freshness_seconds", "86401", "a number from 0 to 86400"),
                ("freshness_seconds", "inf", "a number from 0 to 86400"),
                ("freshness_seconds", "nan", "a number from 0 to 86400"),
                ("freshness_seconds", "true", "a number from 0 to 86400"),
                ("snap_start", '"PublishedVersions"', "true or false"),
            )
        ),
        (
            MINIMAL + "[function]\nsnap_start = true\nstorage_mb = 1024",
            "function.storage_mb: 512 is expected, 1024 was found; "
            "SnapStart takes no other, so leave out one of the two",
        ),
        # [features] and [target]
        (
            MINIMAL.replace('"integer"', '"int"'),
            f'features.rooms.type: {TYPE} is expected, "int" was found',
        ),
        (
            MINIMAL.replace('type = "integer"', ""),
            f"features.rooms.type: {TYPE} is expected, nothing was found",
        ),
        (
            MINIMAL + 'levels = ["a"]',
            f"features.rooms.levels: one of the keys {FEATURE_KEYS} is expected, an unknown one was found",
        ),
        (
            MINIMAL + "observed = [0, 1]",
            f"features.rooms.observed: one of the keys {FEATURE_KEYS} is expected, an unknown one was found",
        ),
        (
            MINIMAL + 'name = "x"',
            f"features.rooms.name: one of the keys {FEATURE_KEYS} is expected, an unknown one was found",
        ),
        (MINIMAL + "description = 1", "features.rooms.description: text is expected, 1 was found"),
        (MINIMAL + "nullable = 1", "features.rooms.nullable: true or false is expected, 1 was found"),
        (MINIMAL + 'categorical = "no"', 'features.rooms.categorical: true or false is expected, "no" was found'),
        (MINIMAL + 'minimum = "0"', f'features.rooms.minimum: {BOUND} is expected, "0" was found'),
        (MINIMAL + "maximum = inf", f"features.rooms.maximum: {BOUND} is expected, inf was found"),
        (MINIMAL + "maximum = nan", f"features.rooms.maximum: {BOUND} is expected, nan was found"),
        (
            MINIMAL + "minimum = 2\nmaximum = 1",
            "features.rooms.maximum: a number of at least the minimum 2 is expected, 1 was found",
        ),
        (
            MINIMAL.replace('"integer"', '"string"\nmaximum = 3'),
            "features.rooms.maximum: no bound of a string is expected, 3 was found",
        ),
        (MINIMAL + "allowed = 1", "features.rooms.allowed: an array of texts or numbers is expected, 1 was found"),
        (MINIMAL + "allowed = [true]", "features.rooms.allowed[0]: text or a number is expected, true was found"),
        (MINIMAL + 'allowed = [1, "2"]', 'features.rooms.allowed[1]: an integer is expected, "2" was found'),
        (MINIMAL + "allowed = [1.5]", "features.rooms.allowed[0]: an integer is expected, 1.5 was found"),
        (
            MINIMAL + "allowed = [1, 2, 1]",
            "features.rooms.allowed[2]: a value that is not listed before is expected, 1 was found",
        ),
        (
            MINIMAL + "allowed = [1]\nminimum = 0",
            "features.rooms.minimum: no bound where allowed lists the values is expected, 0 was found",
        ),
        (
            MINIMAL + '[features.""]\ntype = "integer"',
            'features."": the name of a column is expected, "" was found; a column needs a name',
        ),
        (
            MINIMAL.replace('"price"', '"rooms"'),
            'target.name: a name that no feature has is expected, "rooms" was found',
        ),
        (MINIMAL.replace('name = "price"', ""), "target.name: text that is not empty is expected, nothing was found"),
        (
            MINIMAL.replace('"number"', '"string"'),
            'target.type: integer or number is expected, "string" was found; a tabular-regression predicts a number',
        ),
        (
            MINIMAL.replace('"number"', '"number"\nnullable = true'),
            "target.nullable: false is expected, true was found; every training row has a target",
        ),
        (
            'name = "rent"\ntask = "tabular-regression"\n[features.rooms]\ntype = "integer"',
            "target: a section that names the column to predict and its type is expected, none was found",
        ),
        (
            FIRST_PART,
            "features: a section [features.<name>] for each column that the model reads is expected, none was found",
        ),
        (
            FIRST_PART.replace("[target]", 'features = ["rooms"]\n[target]'),
            f'features: {SECTION} is expected, ["rooms"] was found',
        ),
        (FIRST_PART + "[features]\nrooms = 3", f"features.rooms: {SECTION} is expected, 3 was found"),
        # texts to classify
        (
            TEXT + '[features.title]\ntype = "string"',
            "features: the one text that a text-classification reads is expected, text, title was found; "
            "join them into one, for files with [files] join",
        ),
        (
            TEXT.replace("categorical = false", ""),
            f"features.text.categorical: false is expected, true was found; {TEXT_HINT}",
        ),
        (TEXT + "nullable = true", f"features.text.nullable: false is expected, true was found; {TEXT_HINT}"),
        (TEXT + 'allowed = ["a"]', f'features.text.allowed: no closed list is expected, ["a"] was found; {TEXT_HINT}'),
        (
            TEXT.replace('"string"\ncategorical', '"number"\ncategorical'),
            f'features.text.type: string is expected, "number" was found; {TEXT_HINT}',
        ),
        # questions to answer
        *(
            (
                ANSWERS.replace("Owner/some_name.v2", hub_id),
                f'hub_id: a name written owner/name is expected, "{hub_id}" was found',
            )
            for hub_id in ("name", "a/b/c", "../x", "a/", "/a", "a b/c", "ñ/a", "https://a/b")
        ),
        (
            ANSWERS + '[target]\nname = "answer"\ntype = "string"\n',
            "target: no such section is expected, one was found; "
            "a question-answering model always reads question and context",
        ),
    ],
)
def test_a_wrong_model_file_is_refused_with_key_expectation_and_finding(write: Write, text: str, refusal: str) -> None:
    assert refusals(write(text)) == [refusal]


SEVERAL = """
name = "rent"
task = "tabular-classification"
slices = ["a.b"]
[files]
rename = { Sold = "precio €" }
[gate]
floors = { subset_accuracy = 0.5, f1_micro = 0.5 }
ceilings = { hamming_loss = 0.25 }
[[target]]
name = "precio €"
type = "boolean"
[[target]]
name = "a.b"
type = "integer"
allowed = [0, 1]
[features.rooms]
type = "integer"
"""


def test_several_targets_are_an_array_of_sections(write: Write) -> None:
    definition = load_definition(write(SEVERAL))
    assert definition.schema.target_names == ("precio €", "a.b")
    assert [target.choices for target in definition.schema.targets] == [(False, True), (0, 1)]


def test_one_section_of_an_array_is_one_target(write: Write) -> None:
    one = load_definition(write(MINIMAL.replace("[target]", "[[target]]")))
    assert (one.schema.target_names, one.schema.has_several_targets) == (("price",), False)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        (
            SEVERAL.replace('"a.b"\ntype', '"rooms"\ntype').replace('["a.b"]', "[]"),
            'target[1].name: a name that no feature has is expected, "rooms" was found',
        ),
        (
            SEVERAL.replace('"a.b"\ntype', '"precio €"\ntype').replace('["a.b"]', "[]"),
            'target[1].name: a name that no other target has is expected, "precio €" was found',
        ),
        (
            SEVERAL.replace("allowed = [0, 1]", "allowed = [0, 0]"),
            "target[1].allowed[1]: a value that is not listed before is expected, 0 was found",
        ),
        (
            SEVERAL.replace('"boolean"', '"boolean"\nnullable = true'),
            "target[0].nullable: false is expected, true was found; every training row has a target",
        ),
        (
            SEVERAL.replace("allowed = [0, 1]", 'levels = ["x"]'),
            "target[1].levels: one of the keys allowed, categorical, description, maximum, minimum, name, nullable, "
            "time_zone, type is expected, an unknown one was found",
        ),
        (
            SEVERAL.replace("[gate]", '[gate.compare]\nmetric = "f1_macro"\n[gate]'),
            "gate.compare.metric: one of the metrics accuracy, precision, recall, f1, roc_auc, log_loss, "
            'subset_accuracy, hamming_loss, f1_micro is expected, "f1_macro" was found',
        ),
        (
            MINIMAL.replace('[target]\nname = "price"\ntype = "number"', "target = []"),
            "target: a section that names the column to predict and its type is expected, none was found",
        ),
    ],
)
def test_faults_of_several_targets_name_the_one(write: Write, text: str, refusal: str) -> None:
    assert refusal in refusals(write(text))


def test_metrics_of_several_labels_are_no_metrics_of_one(write: Write) -> None:
    text = MINIMAL.replace("regression", "classification") + "[gate]\nfloors = { subset_accuracy = 0.5 }"
    (refusal,) = refusals(write(text))
    assert refusal.startswith(
        "gate.floors.subset_accuracy: one of the metrics accuracy, precision, recall, f1, roc_auc"
    )


def test_a_target_may_be_called_instances(write: Write) -> None:
    assert load_definition(write(MINIMAL.replace('"price"', '"instances"'))).schema.target.name == "instances"


def test_every_fault_of_a_folder_is_reported_at_once(write: Write) -> None:
    text = with_lines("id = 5", 'descripton = "a"').replace('"rent"', '"other"')
    text += 'minimum = "0"\nlevels = []\n[limits]\nmax_instances = "many"\n[gate]\nfloors = { r2 = "high", rmse = nan }'
    assert [line.split(": ")[0] for line in refusals(write(text, examples=[1]))] == [
        "name",
        "id",
        "descripton",
        "features.rooms.minimum",
        "features.rooms.levels",
        "limits.max_instances",
        "gate.floors.r2",
        "gate.floors.rmse",
        "examples.json",
    ]


def test_rules_of_different_sections_are_reported_at_once(write: Write) -> None:
    text = with_lines('slices = ["room", "rooms", "hall"]')
    text += "[files]\nfill = { rooms = 0.5 }\n[gate]\nfloors = { f1 = 0.5 }\nceilings = { accuracy = 1 }"
    assert [line.split(": ")[0] for line in refusals(write(text))] == [
        "gate.floors.f1",
        "gate.ceilings.accuracy",
        "slices[0]",
        "slices[2]",
        "files.fill.rooms",
    ]


def test_the_faults_of_all_folders_are_reported_at_once(write: Write, tmp_path: Path) -> None:
    write(with_lines("id = 5"))
    write(MINIMAL.replace('"rent"', '"sale"') + "nullable = 1", name="sale")
    with pytest.raises(DefinitionError) as caught:
        load_definitions(tmp_path)
    first, second = str(caught.value).splitlines()
    assert first.startswith(f"{tmp_path / 'rent' / 'model.toml'}: id: ")
    assert second.startswith(f"{tmp_path / 'sale' / 'model.toml'}: features.rooms.nullable: ")


def test_what_is_no_toml_is_refused_with_the_line(write: Write) -> None:
    (refusal,) = refusals(write("name = \ntask = 1"))
    assert "line 1" in refusal


@pytest.mark.parametrize(
    ("value", "refusal"),
    [("9" * 5000, "Exceeds the limit"), ("[" * 2000 + "]" * 2000, "it is nested too deep")],
    ids=["digits", "brackets"],
)
def test_a_value_that_python_cannot_read_is_refused(write: Write, value: str, refusal: str) -> None:
    (found,) = refusals(write(f"seed = {value}\n{MINIMAL}"))
    assert found.startswith(refusal)


@pytest.mark.parametrize(("name", "bound"), [("maximum", 1e308), ("maximum", 2.0**63), ("minimum", -1e19)])
def test_a_bound_beyond_all_integers_is_refused(write: Write, name: str, bound: float) -> None:
    (refusal,) = refusals(write(f"{MINIMAL}{name} = {bound}\n"))
    expected = "a number of at most 64 bits, as of every integer, is expected"
    assert refusal == f"features.rooms.{name}: {expected}, {bound} was found"


def test_a_number_that_no_manifest_can_hold_is_refused(write: Write) -> None:
    (refusal,) = refusals(write(f"{MINIMAL}minimum = -{10**22}\n"))
    assert refusal == f"features.rooms.minimum: {BOUND} is expected, -{10**22} was found"


@pytest.mark.parametrize("name", ["Rent", "rent_a", "-rent", "rent-", "a" * 41])
def test_a_folder_name_that_no_url_takes_is_refused(write: Write, name: str) -> None:
    assert refusals(write(MINIMAL.replace('"rent"', f'"{name}"'), name=name)) == [
        "name: a name of at most 40 lower-case letters, digits and hyphens (neither first nor last) is expected, "
        f'"{name}" was found'
    ]


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ("{}", "examples.json: an array of sections is expected, an empty section was found"),
        ('"text"', 'examples.json: an array of sections is expected, "text" was found'),
        ("[]", "examples.json: an array of at least one instance is expected, an empty one was found"),
        ('[{"rooms": 2}, 1]', "examples.json: [1]: a section of keys and values is expected, 1 was found"),
        ('[{"rooms": 1e999}]', None),
        ('[{"rooms": NaN}]', None),
        ('[{"rooms": 2}', None),
    ],
)
def test_examples_that_are_no_instances_are_refused(write: Write, body: str, refusal: str | None) -> None:
    folder = write()
    (folder / "examples.json").write_text(body, encoding="utf-8")
    (found,) = refusals(folder)
    assert found == refusal or (refusal is None and found.startswith("examples.json cannot be read: "))


def test_a_limit_below_the_bytes_of_the_first_example_is_refused(write: Write) -> None:
    limits = "[limits]\nmax_payload_bytes = {}\n"
    (refusal,) = refusals(write(MINIMAL + limits.format(10)))
    expected = "a whole number of at least 11, the bytes of the first example, is expected"
    assert refusal == f"limits.max_payload_bytes: {expected}, 10 was found"
    folder = write(MINIMAL.replace("rent", "flat") + limits.format(11), name="flat")
    assert load_definition(folder).limits.max_payload_bytes == 11


def test_missing_files_are_named(write: Write, tmp_path: Path) -> None:
    folder = write()
    (folder / "examples.json").unlink()
    assert refusals(folder) == ["examples.json is missing"]
    (folder / "model.toml").unlink()
    assert refusals(folder) == ["model.toml is missing", "examples.json is missing"]
    with pytest.raises(DefinitionError, match=r"no folder .* make a first model with `despliegue new`"):
        load_definitions(tmp_path / "nowhere")


def test_text_that_is_not_utf8_is_refused(write: Write) -> None:
    folder = write()
    (folder / "model.toml").write_bytes(b'name = "\xff"')
    (refusal,) = refusals(folder)
    assert "utf-8" in refusal


def test_folders_are_loaded_in_order_without_hidden_ones(write: Write, tmp_path: Path) -> None:
    for name in ("b-model", "a-model"):
        write(MINIMAL.replace('"rent"', f'"{name}"'), name=name)
    for skipped in (".hidden", "__pycache__"):
        (tmp_path / skipped).mkdir()
    (tmp_path / "README.md").write_text("no model", encoding="utf-8")
    assert list(load_definitions(tmp_path)) == ["a-model", "b-model"]


class TestDigest:
    @pytest.fixture
    def folder(self, write: Write) -> Path:
        folder = write()
        (folder / "pipeline.py").write_text("A = 1\n", encoding="utf-8")
        return folder

    def test_it_stays_with_the_same_files_and_ignores_others(self, folder: Path) -> None:
        before = load_definition(folder).digest
        for other in ("notes.md", "sample.csv", "pipeline.pyc"):
            (folder / other).write_text("anything", encoding="utf-8")
        (folder / "examples.json").write_text('[{"rooms": 9}]', encoding="utf-8")
        assert load_definition(folder).digest == before

    @pytest.mark.parametrize("changed", ["pipeline.py", "model.toml", "steps/brand.py"])
    def test_it_changes_with_definition_and_code(self, folder: Path, changed: str) -> None:
        before = load_definition(folder).digest
        path = folder / changed
        path.parent.mkdir(exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write("# more\n")
        assert load_definition(folder).digest != before

    def test_it_changes_with_code_of_the_same_length(self, folder: Path) -> None:
        before = load_definition(folder).digest
        (folder / "pipeline.py").write_text("A = 2\n", encoding="utf-8")
        assert load_definition(folder).digest != before

    def test_it_changes_when_code_moves_to_another_file(self, folder: Path) -> None:
        before = load_definition(folder).digest
        (folder / "pipeline.py").rename(folder / "steps.py")
        assert load_definition(folder).digest != before

    @pytest.mark.skipif(os.name == "nt", reason="SKIPPED: Windows lets not everybody make links")
    def test_it_stays_with_the_lock_of_an_editor_which_is_a_link_to_nothing(self, folder: Path) -> None:
        before = load_definition(folder).digest
        (folder / ".#pipeline.py").symlink_to("ana@laptop.4711:1796")
        assert load_definition(folder).digest == before

    def test_it_stays_with_a_folder_that_is_called_as_a_file(self, folder: Path) -> None:
        before = load_definition(folder).digest
        (folder / "steps.py").mkdir()
        assert load_definition(folder).digest == before

    def test_it_is_the_one_that_earlier_releases_wrote_into_manifests(self, folder: Path) -> None:
        for name in ("model.toml", "pipeline.py"):
            path = folder / name
            path.write_bytes(path.read_text(encoding="utf-8").encode())  # without the line ends of Windows
        assert load_definition(folder).digest == "a24f3855d978bfd5d58af36c03c19e7f3be426e811d118a3772c864fbc173311"

    def test_a_file_that_vanishes_meanwhile_is_named(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (folder / "gone.py").write_text("A = 1\n", encoding="utf-8")
        read = Path.read_bytes

        def vanish(path: Path) -> bytes:
            if path.name == "gone.py":
                path.unlink()
            return read(path)

        monkeypatch.setattr(Path, "read_bytes", vanish)
        assert refusals(folder) == ["gone.py is missing"]


@pytest.mark.parametrize("looked_through", ["iterdir", "rglob"])
def test_a_folder_that_cannot_be_looked_through_is_named(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looked_through: str
) -> None:
    folder = {"iterdir": tmp_path, "rglob": write()}[looked_through]

    def refuse(path: Path, *pattern: str) -> Iterator[Path]:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, looked_through, refuse)
    with pytest.raises(DefinitionError, match=f"^{re.escape(str(folder))} cannot be read: Permission denied$"):
        load_definitions(tmp_path)


def test_question_answering_has_the_one_schema(write: Write) -> None:
    definition = load_definition(write(ANSWERS, examples=PAIR))
    assert definition.schema.feature_names == ("question", "context")
    assert definition.hub_id == "Owner/some_name.v2"


@pytest.mark.parametrize("name", sorted(RESOURCES))
@pytest.mark.parametrize("owner", ["rent", "sale"])
def test_a_hub_id_that_is_a_resource_of_a_model_is_refused(write: Write, tmp_path: Path, owner: str, name: str) -> None:
    write(ANSWERS, examples=PAIR)
    write(ANSWERS.replace("rent", "sale").replace("Owner/some_name.v2", f"{owner}/{name}"), name="sale", examples=PAIR)
    with pytest.raises(
        DefinitionError, match=f"sale.*hub_id: {owner}/{name} is the path of {name} of the model {owner}"
    ):
        load_definitions(tmp_path)


@pytest.mark.parametrize("hub_id", ["rent/answers", "Owner/retrain", "retrain/rent"])
def test_a_hub_id_may_have_a_model_or_a_resource_in_another_place(write: Write, tmp_path: Path, hub_id: str) -> None:
    write(ANSWERS.replace("Owner/some_name.v2", hub_id), examples=PAIR)
    assert load_definitions(tmp_path)["rent"].hub_id == hub_id


def test_two_models_with_one_hub_id(write: Write, tmp_path: Path) -> None:
    write(ANSWERS, examples=PAIR)
    write(ANSWERS.replace("rent", "sale"), name="sale", examples=PAIR)
    with pytest.raises(DefinitionError, match=r"rent and sale are both served as Owner/some_name\.v2"):
        load_definitions(tmp_path)
