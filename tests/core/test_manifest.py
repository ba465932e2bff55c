"""Manifests of every format version that was ever written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from functions.core.errors import DamagedVersionError, UnsupportedFormatError
from functions.core.manifest import FORMAT_VERSION, UPGRADES, Manifest, upgrade

MANIFESTS = sorted((Path(__file__).parent / "manifests").glob("v*.json"))
V1 = Path(__file__).parent / "manifests" / "v1.json"


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_manifests_of_every_format_version_load(path: Path) -> None:
    document = orjson.loads(path.read_bytes())
    assert document["format_version"] == int(path.stem[1:])
    manifest = Manifest.from_json(path.read_bytes())
    assert orjson.loads(manifest.to_json())["format_version"] == FORMAT_VERSION
    assert Manifest.from_json(manifest.to_json()) == manifest


def test_there_is_a_manifest_and_an_upgrade_for_every_format_version() -> None:
    assert [int(path.stem[1:]) for path in MANIFESTS] == list(range(1, FORMAT_VERSION + 1))
    assert sorted(UPGRADES) == list(range(1, FORMAT_VERSION))


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


def test_a_newer_format_is_refused_with_what_to_do() -> None:
    document = orjson.loads(V1.read_bytes()) | {"format_version": FORMAT_VERSION + 1, "unheard": "of"}
    with pytest.raises(UnsupportedFormatError, match=f"format version {FORMAT_VERSION + 1}.*install a newer one"):
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
    "change",
    [{"format_version": "one"}, {"data": {"digest": 1}}, {"schema": None}, {"artifacts": [1]}, {"extra": 1}],
    ids=str,
)
def test_what_is_no_manifest_is_damaged(change: dict[str, Any]) -> None:
    document = orjson.loads(V1.read_bytes()) | change
    with pytest.raises(DamagedVersionError, match=r"manifest.json cannot be read"):
        Manifest.from_json(orjson.dumps(document))


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"{"])
def test_bytes_that_are_no_document_are_damaged(body: bytes) -> None:
    with pytest.raises(DamagedVersionError):
        Manifest.from_json(body)


def test_a_schema_that_breaks_its_own_rules_is_damaged() -> None:
    document = orjson.loads(V1.read_bytes())
    document["schema"]["target"]["type"] = "money"
    with pytest.raises(DamagedVersionError, match="money"):
        Manifest.from_json(orjson.dumps(document))
