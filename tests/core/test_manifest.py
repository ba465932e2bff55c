"""Manifests of every format version that was ever written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from functions.core.errors import DamagedVersionError, UnsupportedFormatError
from functions.core.manifest import MANIFEST_FORMAT_VERSION, UPGRADES, Manifest, upgrade
from functions.core.measured_on import MeasuredOn

MANIFESTS = sorted((Path(__file__).parent / "manifests").glob("v*.json"))
V1 = Path(__file__).parent / "manifests" / "v1.json"


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_manifests_of_every_format_version_load(path: Path) -> None:
    document = orjson.loads(path.read_bytes())
    assert document["format_version"] == int(path.stem[1:])
    manifest = Manifest.from_json(path.read_bytes())
    # a version of one target is written for older readers too
    assert orjson.loads(manifest.to_json())["format_version"] == document["format_version"]
    assert Manifest.from_json(manifest.to_json()) == manifest


def test_there_is_a_manifest_and_an_upgrade_for_every_format_version() -> None:
    assert [int(path.stem[1:]) for path in MANIFESTS] == list(range(1, MANIFEST_FORMAT_VERSION + 1))
    assert sorted(UPGRADES) == list(range(1, MANIFEST_FORMAT_VERSION))


def test_the_first_format_keeps_its_meaning() -> None:
    manifest = Manifest.from_json(V1.read_bytes())
    assert (manifest.model, manifest.version, manifest.task) == ("flats", 7, "tabular-regression")
    assert manifest.schema.feature_names == ("district", "rooms", "heating")
    district, rooms, heating = manifest.schema.features
    assert (district.levels, district.nullable) == (("centro", "río"), True)
    assert (rooms.observed, rooms.minimum, rooms.maximum) == ((1.0, 9.0), 1.0, 20.0)
    assert heating.allowed == ("gas", "none")
    assert manifest.limits.max_instances == 100
    assert manifest.data is not None
    assert (manifest.data.digest, manifest.data.rows_evaluation, manifest.data.mode) == ("a" * 64, 200, "extend")
    assert manifest.artifacts["model.onnx"].size_bytes == 12345


def test_the_second_format_has_the_labels_of_each_target() -> None:
    manifest = Manifest.from_json((V1.parent / "v2.json").read_bytes())
    assert manifest.schema.target_names == ("heating €", "floor.level")
    assert manifest.labels == (("electric", "gas"), (0, 1, 2))
    assert manifest.schema.targets[1].allowed == (0, 1, 2)
    assert manifest.metrics["subset_accuracy"] == 0.75


def test_keys_that_came_later_are_written_only_where_they_say_something() -> None:
    """An older Despliegue refuses a manifest with a key that it does not know."""
    manifest = Manifest.from_json(V1.read_bytes())
    assert not manifest.metrics_in_sample
    assert orjson.loads(manifest.to_json()).keys() == orjson.loads(V1.read_bytes()).keys()
    marked = replace(manifest, metrics_in_sample=True)
    assert orjson.loads(marked.to_json())["metrics_in_sample"] is True
    assert Manifest.from_json(marked.to_json()) == marked


def test_the_rows_behind_the_metrics_are_those_set_aside_or_what_the_publisher_measured_on() -> None:
    manifest = Manifest.from_json(V1.read_bytes())
    assert manifest.measured_on == MeasuredOn(200)
    elsewhere = replace(manifest, data=None, metrics_in_sample=True)
    assert elsewhere.measured_on == MeasuredOn(None, in_sample=True)
    counted = Manifest.from_json(replace(elsewhere, measured_rows=30).to_json())
    assert counted.measured_on == MeasuredOn(30, in_sample=True)


def test_a_newer_format_is_refused_with_what_to_do() -> None:
    document = orjson.loads(V1.read_bytes()) | {"format_version": MANIFEST_FORMAT_VERSION + 1, "unheard": "of"}
    with pytest.raises(
        UnsupportedFormatError, match=f"format version {MANIFEST_FORMAT_VERSION + 1}.*install a newer one"
    ):
        Manifest.from_json(orjson.dumps(document))


def test_an_old_format_is_upgraded_step_by_step() -> None:
    def with_unit(document: dict[str, Any]) -> dict[str, Any]:
        assert document["format_version"] == 1
        return {**document, "unit": "EUR"}

    def with_units(document: dict[str, Any]) -> dict[str, Any]:
        assert document["format_version"] == 2
        return {"units": [document["unit"]]}

    found = upgrade({"format_version": 1}, {1: with_unit, 2: with_units}, 3)
    assert found == {"format_version": 3, "units": ["EUR"]}


def test_upgrades_start_at_the_documents_own_format() -> None:
    def never(document: dict[str, Any]) -> dict[str, Any]:
        raise AssertionError

    assert upgrade({"format_version": 2}, {1: never, 2: lambda document: {"a": 1}}, 3) == {"format_version": 3, "a": 1}
    assert upgrade({"format_version": 3}, {1: never, 2: never}, 3) == {"format_version": 3}


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"format_version": "one"}, "TypeError"),
        ({"data": {"digest": 1}}, "data.digest: text is expected, 1 was found; data.time: text is expected"),
        ({"schema": None}, "schema: a section of keys and values is expected, null was found"),
        ({"artifacts": [1]}, "artifacts: a section of keys and values is expected, [1] was found"),
        (
            {"artifacts": {"a": {"sha256": "0", "size_bytes": "1"}}},
            "artifacts.a.size_bytes: a whole number is expected",
        ),
        ({"extra": 1}, "extra: one of the keys args, artifacts, "),
        ({"limits": {"max_instances": "many"}}, 'limits.max_instances: a whole number is expected, "many" was found'),
        ({"limits": {"max_instances": 1.5}}, "limits.max_instances: a whole number is expected, 1.5 was found"),
        (
            {"labels": [None]},
            "labels[0]: text or a number or true or false or an array of texts or numbers or true or false is "
            "expected, null was found",
        ),
        ({"labels": [["no"], ["yes", {}]]}, "labels[1]: text or a number or true or false or an array of texts"),
        ({"schema": {"features": [], "target": []}}, "schema.target: at least one target is expected, none was found"),
        (
            {"schema": {"features": [], "target": [{"name": "a", "type": "number"}, {"name": "b"}]}},
            "schema.target[1].type: one of string, integer, number, boolean, datetime is expected, nothing was found",
        ),
        ({"metrics": {"r2": "high"}}, 'metrics.r2: a number is expected, "high" was found'),
        ({"version": "7"}, 'version: a whole number is expected, "7" was found'),
    ],
    ids=str,
)
def test_what_is_no_manifest_is_damaged(change: dict[str, Any], refusal: str) -> None:
    document = orjson.loads(V1.read_bytes()) | change
    with pytest.raises(DamagedVersionError, match=r"^manifest\.json cannot be read: ") as caught:
        Manifest.from_json(orjson.dumps(document))
    assert refusal in str(caught.value)


def test_values_that_were_allowed_when_they_were_written_are_read() -> None:
    document = orjson.loads(V1.read_bytes())
    document["limits"] |= {"max_instances": 0, "minimum_training_rows": -1}
    document["schema"]["features"][1] |= {"minimum": None, "maximum": None, "allowed": [1, 1, 2.5]}
    manifest = Manifest.from_json(orjson.dumps(document))
    assert (manifest.limits.max_instances, manifest.limits.minimum_training_rows) == (0, -1)
    assert manifest.schema.features[1].allowed == (1, 1, 2.5)


def test_whole_numbers_are_written_again_as_they_were_read() -> None:
    document = orjson.loads(V1.read_bytes())
    document["metrics"] = {"r2": 1, "rmse": 0.5}
    document["schema"]["features"][1] |= {"minimum": 1, "observed": [1, 9]}
    written = orjson.loads(Manifest.from_json(orjson.dumps(document)).to_json())
    assert str(written["metrics"]) == "{'r2': 1, 'rmse': 0.5}"
    assert str(written["schema"]["features"][1]["observed"]) == "[1, 9]"
    assert str(written["schema"]["features"][1]["minimum"]) == "1"


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"{"])
def test_bytes_that_are_no_document_are_damaged(body: bytes) -> None:
    with pytest.raises(DamagedVersionError):
        Manifest.from_json(body)


def test_a_schema_that_breaks_its_own_rules_is_damaged() -> None:
    document = orjson.loads(V1.read_bytes())
    document["schema"]["target"]["type"] = "money"
    with pytest.raises(DamagedVersionError, match="money"):
        Manifest.from_json(orjson.dumps(document))


def test_optional_files_are_served_where_a_version_has_them() -> None:
    manifest = Manifest.from_json(V1.read_bytes())
    assert manifest.served_files == ("model.onnx",)
    artifacts = {**manifest.artifacts, "text_columns.json": manifest.artifacts["model.onnx"]}
    assert replace(manifest, artifacts=artifacts).served_files == ("model.onnx", "text_columns.json")


def test_a_manifest_of_probabilities_is_written_as_older_readers_expect_it() -> None:
    document = orjson.loads(V1.read_bytes())
    assert Manifest.from_json(V1.read_bytes()).scoring == "probabilities"
    assert "scoring" not in orjson.loads(Manifest.from_json(V1.read_bytes()).to_json())
    decided = Manifest.from_json(orjson.dumps({**document, "scoring": "decision"}))
    assert (decided.scoring, orjson.loads(decided.to_json())["scoring"]) == ("decision", "decision")
    assert Manifest.from_json(decided.to_json()) == decided


@pytest.mark.parametrize("scoring", [None, "votes", 1])
def test_a_scoring_that_nothing_can_serve_is_damage(scoring: object) -> None:
    with pytest.raises(DamagedVersionError, match="scoring"):
        Manifest.from_json(orjson.dumps({**orjson.loads(V1.read_bytes()), "scoring": scoring}))
