"""Shapes of answers: filled from records, and as strict as they are declared."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from functions.core.history import Production as RegistryProduction
from functions.inference.control.responses import (
    Health,
    ModelDetails,
    ModelSummary,
    Production,
    UploadForm,
    VersionDetails,
    VersionSummary,
)


@dataclass(frozen=True)
class Link:
    url: str
    fields: dict[str, str]
    expires_seconds: int
    lease: str = "not to be shown"


def test_a_shape_takes_the_attributes_that_it_has_and_no_other() -> None:
    form = UploadForm.of(Link("http://a", {"key": "b"}, 60), job="1")
    assert form == UploadForm(job="1", url="http://a", fields={"key": "b"}, expires_seconds=60)


def test_what_is_given_wins_over_the_attribute() -> None:
    assert UploadForm.of(Link("http://a", {}, 60), job="1", url="http://b").url == "http://b"


def test_an_attribute_that_the_record_lacks_is_an_error() -> None:
    with pytest.raises(AttributeError, match="job"):
        UploadForm.of(Link("http://a", {}, 60))


def test_production_is_shown_with_every_field_that_is_declared() -> None:
    names = {field.name for field in fields(Production)}
    assert names <= {*(field.name for field in fields(RegistryProduction)), "in_production"}
    assert names == {"version", "serial", "previous", "actor", "time", "pinned", "reason", "in_production"}


@pytest.mark.parametrize(("details", "summary"), [(ModelDetails, ModelSummary), (VersionDetails, VersionSummary)])
def test_details_begin_with_the_summary(details: Any, summary: Any) -> None:
    names = [field.name for field in fields(summary)]
    assert [field.name for field in fields(details)][: len(names)] == names


def test_a_shape_refuses_a_field_that_it_does_not_declare() -> None:
    shape = TypeAdapter(Health)
    known = {"service": "despliegue", "version": "1", "models": []}
    assert shape.validate_python(known) == Health("despliegue", "1", [])
    with pytest.raises(ValidationError, match="more"):
        shape.validate_python({**known, "more": 1})
