"""Versions, promotions and lookups."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from despliegue_client.errors import UnsendableError
from despliegue_client.exchange import Answer, Request
from despliegue_client.versions import lookup, models, promote, roll_back

from tests.client.scripted import Script, api, ok


def test_a_rollback_promotes_the_version_before_the_present_one() -> None:
    script = Script([ok({"version": 3, "previous": 2}), ok({"version": 2})])
    assert script.play(roll_back(api(), "churn", pin=True)) == {"version": 2}
    assert json.loads(script.requests[1].body or b"") == {"version": 2, "pin": True}
    assert not script.requests[1].is_repeatable


def test_a_rollback_of_the_first_version_is_refused() -> None:
    with pytest.raises(UnsendableError, match="version 1 is the first in production"):
        Script([ok({"version": 1, "previous": None})]).play(roll_back(api(), "churn", pin=True))


def test_a_promotion_names_the_version() -> None:
    script = Script([ok({"version": 4})])
    script.play(promote(api(), "churn", 4, pin=False))
    assert (script.requests[0].method, script.requests[0].body) == ("PUT", b'{"version":4,"pin":false}')


def test_ids_are_looked_up_a_hundred_at_a_time_in_order() -> None:
    def stored(request: Request) -> Answer:
        ids = json.loads(request.body or b"")["ids"]
        return ok({"predictions": [{"id": str(one)} if one % 2 else None for one in ids]})

    script = Script(stored)
    found = script.play(lookup(api(), "churn", range(250)))
    assert found == [{"id": str(one)} if one % 2 else None for one in range(250)]
    assert len(script.requests) == 3


@pytest.mark.parametrize("ids", [np.array([31, 7, 7]), pd.Series([31, 7, 7], dtype="Int64", index=[3, 2, 1])])
def test_ids_may_be_a_column_of_numbers(ids: Any) -> None:
    script = Script([ok({"predictions": [None, None, None]})])
    assert script.play(lookup(api(), "churn", ids)) == [None, None, None]
    assert script.requests[0].body == b'{"ids":[31,7,7]}'


def test_a_text_is_no_list_of_ids() -> None:
    with pytest.raises(UnsendableError, match="give a list"):
        Script([]).play(lookup(api(), "churn", "7590"))


def test_models_are_those_of_the_server() -> None:
    assert Script([ok({"models": [{"name": "churn"}]})]).play(models(api())) == [{"name": "churn"}]
