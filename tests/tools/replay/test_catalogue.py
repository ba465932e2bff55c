"""The requests of a recording: of every route and every kind, each with a name of its own."""

from __future__ import annotations

import json
import re
from collections import Counter
from urllib.parse import urlsplit

import msgspec
import pytest

from functions.core.routes import ROUTES, Route
from tools.checkout import HERE
from tools.replay.catalogue import all_requests
from tools.replay.requests import AUTHORIZER, CONTROL, IMPORTER, LAPTOP, PREDICT, TRAINER, Request
from tools.replay.samples import read_models

MODELS = read_models(HERE.root)
REQUESTS = all_requests(MODELS)


def test_every_name_belongs_to_one_request() -> None:
    assert [name for name, count in Counter(one.name for one in REQUESTS).items() if count > 1] == []


def test_the_same_models_give_the_same_requests() -> None:
    assert all_requests(MODELS) == REQUESTS


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_is_asked_on_a_laptop_and_on_lambda(route: Route) -> None:
    path = route.path.replace("{hub_id}", "{owner}/{name}")
    pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", path))
    doors = {
        one.door for one in REQUESTS if one.method == route.method and pattern.fullmatch(urlsplit(one.target).path)
    }
    assert LAPTOP in doors
    assert any(door == CONTROL or door.startswith(PREDICT) for door in doors)


@pytest.mark.parametrize("door", [AUTHORIZER, TRAINER, IMPORTER, *(f"{PREDICT}{name}" for name in MODELS)])
def test_every_function_is_asked(door: str) -> None:
    assert [one for one in REQUESTS if one.door == door]


def test_a_recording_gives_the_requests_back_as_they_were() -> None:
    assert msgspec.json.decode(msgspec.json.encode(REQUESTS), type=list[Request]) == REQUESTS


def test_rows_of_a_sample_are_spelled_as_retraining_takes_them() -> None:
    row = MODELS["churn"].sample[0]
    assert (row["contract"], row["seniorcitizen"], row["churn"]) == ("two_year", 0, "no")
    assert json.loads(json.dumps(MODELS["car-price"].sample[0]))["year"] == 2012
