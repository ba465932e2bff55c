"""The documented operation to predict with one model: its bodies, its answer, and the version that it follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from functions.core.definition import Definition
from functions.core.manifest import Manifest
from functions.inference.protocols.despliegue.document import array_bodies, operations
from functions.local.home import Home


def operation_of(definition: Definition, manifest: Manifest | None = None) -> dict[str, Any]:
    ((path, item),) = operations(definition, manifest).items()
    assert path == f"/models/{definition.name}/predict"
    found: dict[str, Any] = item["post"]
    return found


def body_of(operation: dict[str, Any]) -> Any:
    content = operation["requestBody"]["content"]["application/json"]
    return jsonschema.Draft202012Validator(content["schema"]), content["example"]


def test_before_the_first_version_the_definition_is_documented(definitions: Mapping[str, Definition]) -> None:
    definition = definitions["churn"]
    operation = operation_of(definition)
    body, example = body_of(operation)
    assert (operation["operationId"], operation["summary"]) == ("predict_churn", definition.description)
    assert example == definition.examples[0]
    for form in (example, [example], {"instances": [example]}):
        assert body.is_valid(form)
    for form in ([], {"texts": [example]}, {**example, "more": 1}, {"instances": [example], "more": 1}):
        assert not body.is_valid(form)


def test_the_version_in_production_is_documented_with_its_own_limits_and_example(
    definitions: Mapping[str, Definition], trained_home: Home
) -> None:
    manifest = trained_home.registry.manifest("churn", 1)
    changed = replace(
        manifest, limits=replace(manifest.limits, max_instances=2), example={**manifest.example, "tenure": 7}
    )
    body, example = body_of(operation_of(definitions["churn"], changed))
    assert example["tenure"] == 7
    assert body.is_valid([example] * 2)
    assert not body.is_valid([example] * 3)


def test_every_refusal_that_may_come_is_documented(definitions: Mapping[str, Definition]) -> None:
    assert operation_of(definitions["churn"])["responses"].keys() == {"200", "413", "415", "422", "503"}


@pytest.mark.parametrize("names", [("instances",), ("instances", "texts")])
def test_an_array_may_come_alone_or_under_each_of_its_names(names: tuple[str, ...]) -> None:
    rows: dict[str, Any] = {"type": "array"}
    alone, *wrapped = array_bodies(rows, names)
    assert alone is rows
    assert [(list(one["properties"]), one["required"]) for one in wrapped] == [([name], [name]) for name in names]
