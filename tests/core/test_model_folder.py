"""Model folders: read whole, refused with the file and the key of every fault."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.core.definition import Comparison, FunctionSettings, Gate, Limits, Split
from functions.core.errors import DefinitionError
from functions.core.model_folder import load_definition, load_definitions
from functions.core.routes import RESOURCES
from tests.core.model_folders import ANSWERS, MINIMAL, PAIR, TEXT, Write, refusals, with_lines


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
