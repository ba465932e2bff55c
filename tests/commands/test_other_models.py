"""A warning where the version in production is of another folder."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace

import pytest

from functions.core.definition import Definition
from functions.local.home import Home
from model_export.commands.other_models import warn_of_other_models


def test_folders_that_suit_their_versions_are_not_mentioned(
    home: Home, definitions: Mapping[str, Definition], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        warn_of_other_models(home, definitions)
    assert caplog.text == ""


def test_a_folder_with_other_columns_is_named_with_the_two_ways_out(
    home: Home, definitions: Mapping[str, Definition], caplog: pytest.LogCaptureFixture
) -> None:
    churn = definitions["churn"]
    other = replace(churn, schema=replace(churn.schema, features=churn.schema.features[1:]))
    warn_of_other_models(home, {"churn": other})
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.message.startswith("churn: version 1 in production reads other columns than ")
    assert "`despliegue train churn`" in record.message
    assert "`despliegue remove churn --keep-folder --apply`" in record.message


def test_a_damaged_version_is_no_other_model(
    home: Home, definitions: Mapping[str, Definition], caplog: pytest.LogCaptureFixture
) -> None:
    home.registry.storage.write("models/churn/versions/1/manifest.json", b"{")
    warn_of_other_models(home, {"churn": definitions["churn"]})
    assert caplog.text == ""
