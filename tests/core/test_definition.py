"""model.toml: read whole, refused with the file and the key."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from functions.core.definition import (
    Comparison,
    Definition,
    Function,
    Gate,
    Limits,
    Split,
    get_definition,
    load_definition,
    load_definitions,
)
from functions.core.errors import DefinitionError, NotFoundError

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


def refusal(folder: Path) -> str:
    with pytest.raises(DefinitionError) as caught:
        load_definition(folder)
    text = str(caught.value)
    assert text.startswith(str(folder / "model.toml"))
    return text


def test_a_minimal_definition_has_the_documented_defaults(write: Write) -> None:
    folder = write()
    definition = load_definition(folder)
    assert (definition.name, definition.task, definition.folder) == ("rent", "tabular-regression", folder)
    assert definition.schema.feature_names == ("rooms",)
    assert definition.schema.target.name == "price"
    assert definition.examples == ({"rooms": 2},)
    assert (definition.split, definition.gate) == (Split("hash", 0.2, 1), Gate())
    assert (definition.limits, definition.function) == (Limits(), Function())
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
storage_mb = 1024
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
    assert definition.function == Function(2048, 9, 1024, 4, snap_start=True, freshness_seconds=2.5)
    assert (definition.retrainable, definition.hub_id, definition.slices) == (False, "a/b", ("rooms",))
    assert definition.schema.id == "key"
    assert definition.schema.features[0].allowed == (1, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MINIMAL.replace("regression", "classification"), True),
        (TEXT, True),
        (MINIMAL, False),
        (ANSWERS, False),
    ],
)
def test_classification_is_told_from_the_task(write: Write, text: str, expected: bool) -> None:
    assert load_definition(write(text)).is_classification is expected


def test_a_column_may_be_joined_of_several(write: Write) -> None:
    files = load_definition(write(TEXT + '[files]\njoin = { text = ["title", "body"] }')).files
    assert {name: list(parts) for name, parts in files.join.items()} == {"text": ["title", "body"]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = \ntask = 1", ["line 1"]),
        (MINIMAL.replace('"rent"', '"other"'), ["'other'", "folder"]),
        (MINIMAL.replace("tabular-regression", "clustering"), ["'clustering'", "tabular-classification"]),
        (with_lines('colour = "red"'), ["unknown colour", "known:", "description"]),
        (with_lines('slices = ["room"]'), ["slices", "room", "rooms, price"]),
        (MINIMAL + "[files]\nfill = { room = 0 }", ["fill", "room", "rooms, price"]),
        (MINIMAL + '[files]\njoin = { room = ["a"] }', ["join", "room", "rooms, price"]),
        (MINIMAL + '[files]\njoin = { rooms = "a" }', ["join", "rooms must be an array of column names", "'a'"]),
        (MINIMAL + "[files]\njoin = { rooms = [] }", ["join", "rooms must be an array of column names"]),
        (TEXT + '[features.title]\ntype = "string"', ["one text", "text, title", "[files] join"]),
        (TEXT.replace("categorical = false", ""), ["'text'", "categorical = false"]),
        (TEXT + "nullable = true", ["'text'", "neither nullable"]),
        (TEXT + 'allowed = ["a"]', ["'text'", "closed list"]),
        (TEXT.replace('"string"\ncategorical', '"number"\ncategorical'), ["'text'", 'type = "string"']),
        (MINIMAL + "[files]\nsnake = true", ["[files]", "snake", "snake_case_columns"]),
        (MINIMAL + '[split]\nmethod = "time"', ["'time'", "hash", "random"]),
        (MINIMAL + "[split]\ntest_size = 1.5", ["test_size 1.5", "between 0 and 1"]),
        (MINIMAL + '[split]\ntest_size = "half"', ["str"]),
        (MINIMAL + "[gate]\nfloor = { r2 = 0.3 }", ["[gate]", "floor", "floors"]),
        (MINIMAL + '[gate]\ncompare = "r2"', ["compare must be a section", "'r2'"]),
        (MINIMAL + "[gate.compare]\nmargin = 0.1", ["metric"]),
        (MINIMAL + "[limits]\nmax_rows = 1", ["[limits]", "max_rows", "max_instances"]),
        (with_lines("files = 3"), ["files must be a section", "3"]),
        (with_lines("gate = []"), ["gate must be a section"]),
        (with_lines('args = "none"'), ["args must be a section"]),
        (MINIMAL.split("[features")[0], ["no [features.<name>] section"]),
        (MINIMAL.split("[features")[0].replace("[target]", 'features = ["rooms"]\n[target]'), ["features must be"]),
        (MINIMAL.split("[features")[0] + "[features]\nrooms = 3", ["rooms must be a section"]),
        (MINIMAL.replace("[target]", "[aim]"), ["unknown aim"]),
        ('name = "rent"\ntask = "tabular-regression"\n[features.rooms]\ntype = "integer"', ["no [target] section"]),
        (MINIMAL.replace('name = "price"', ""), ["name"]),
        (MINIMAL.replace('"integer"', '"int"'), ["'rooms'", "'int'", "string, integer, number"]),
        (MINIMAL + "levels = ['a']", ["[features.rooms]", "levels"]),
        (MINIMAL.replace('"price"', '"rooms"'), ["more than once", "rooms"]),
        (MINIMAL + "minimum = 2\nmaximum = 1", ["'rooms'", "lesser one first"]),
        (MINIMAL + "maximum = inf", ["'rooms'", "finite"]),
        (MINIMAL + '[pipeline]\njoblib = "a.joblib"', ["[pipeline]", "a joblib and its sha256"]),
        (MINIMAL + '[pipeline]\nsha256 = "00"', ["[pipeline]", "a joblib and its sha256"]),
        (MINIMAL + '[pipeline]\njoblib = "../a"\nsha256 = "00"', ["'../a'", "no file of the folder"]),
        (MINIMAL + '[pipeline]\ncode = ["/etc/a.py"]', ["'/etc/a.py'", "no file of the folder"]),
    ],
)
def test_a_wrong_definition_is_refused_with_file_and_key(write: Write, text: str, words: list[str]) -> None:
    said = refusal(write(text))
    for word in words:
        assert word in said


@pytest.mark.parametrize("name", ["Rent", "rent_a", "-rent", "rent-", "a" * 41])
def test_a_folder_name_that_no_url_takes_is_refused(write: Write, name: str) -> None:
    assert "lower-case" in refusal(write(MINIMAL.replace('"rent"', f'"{name}"'), name=name))


@pytest.mark.parametrize("examples", [{}, [], [1], "text"])
def test_examples_that_are_no_instances_are_refused(write: Write, examples: Any) -> None:
    assert "at least one instance" in refusal(write(examples=examples))


def test_missing_files_are_named(write: Write, tmp_path: Path) -> None:
    folder = write()
    (folder / "examples.json").unlink()
    assert "examples.json cannot be read" in refusal(folder)
    (folder / "model.toml").unlink()
    with pytest.raises(DefinitionError, match=r"model\.toml is missing"):
        load_definition(folder)
    with pytest.raises(DefinitionError, match="no folder"):
        load_definitions(tmp_path / "nowhere")


def test_text_that_is_not_utf8_is_refused(write: Write) -> None:
    folder = write()
    (folder / "model.toml").write_bytes(b'name = "\xff"')
    assert "utf-8" in refusal(folder)


def test_folders_are_loaded_in_order_without_hidden_ones(write: Write, tmp_path: Path) -> None:
    for name in ("b-model", "a-model"):
        write(MINIMAL.replace('"rent"', f'"{name}"'), name=name)
    for skipped in (".hidden", "__pycache__"):
        (tmp_path / skipped).mkdir()
    (tmp_path / "README.md").write_text("no model", encoding="utf-8")
    assert list(load_definitions(tmp_path)) == ["a-model", "b-model"]


def test_an_unknown_model_is_answered_with_the_known_ones(write: Write) -> None:
    definitions: dict[str, Definition] = {"rent": load_definition(write())}
    assert get_definition(definitions, "rent") is definitions["rent"]
    with pytest.raises(NotFoundError, match="no model 'rant'; known: rent"):
        get_definition(definitions, "rant")


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


def test_question_answering_has_the_one_schema(write: Write) -> None:
    definition = load_definition(write(ANSWERS, examples=PAIR))
    assert definition.schema.feature_names == ("question", "context")
    assert definition.hub_id == "Owner/some_name.v2"


def test_question_answering_describes_no_columns_of_its_own(write: Write) -> None:
    text = ANSWERS + '[features.text]\ntype = "string"\n[target]\nname = "answer"\ntype = "string"\n'
    with pytest.raises(DefinitionError, match=r"features, target: .* leave them out"):
        load_definition(write(text, examples=PAIR))


@pytest.mark.parametrize("hub_id", ["name", "a/b/c", "../x", "a/", "/a", "a b/c", "ñ/a", "https://a/b"])
def test_a_hub_id_that_is_no_path(write: Write, hub_id: str) -> None:
    with pytest.raises(DefinitionError, match="hub_id is written owner/name"):
        load_definition(write(ANSWERS.replace("Owner/some_name.v2", hub_id), examples=PAIR))


def test_two_models_with_one_hub_id(write: Write, tmp_path: Path) -> None:
    write(ANSWERS, examples=PAIR)
    write(ANSWERS.replace("rent", "sale"), name="sale", examples=PAIR)
    with pytest.raises(DefinitionError, match=r"rent and sale are both served as Owner/some_name\.v2"):
        load_definitions(tmp_path)
