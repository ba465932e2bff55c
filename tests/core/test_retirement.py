"""Marks on what is to be removed."""

from __future__ import annotations

import pytest

from functions.core import retirement
from functions.core.errors import DamagedRecordError
from functions.core.retirement import renew, retire, retired_since, take_back
from functions.core.storage import Storage

KEY = "models/churn/versions/3"


def test_without_a_mark_nothing_is_retired(storage: Storage) -> None:
    assert retired_since(storage, KEY) is None
    renew(storage, KEY)
    take_back(storage, KEY)
    assert retired_since(storage, KEY) is None


def test_a_mark_has_the_time_of_its_writing(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retirement, "now", lambda: "2026-01-01T00:00:00.000000Z")
    retire(storage, KEY)
    assert retired_since(storage, KEY) == "2026-01-01T00:00:00.000000Z"
    assert retired_since(storage, "models/churn/versions/30") is None
    monkeypatch.setattr(retirement, "now", lambda: "2026-01-02T00:00:00.000000Z")
    renew(storage, KEY)
    assert retired_since(storage, KEY) == "2026-01-02T00:00:00.000000Z"
    take_back(storage, KEY)
    assert retired_since(storage, KEY) is None


def test_a_damaged_mark_is_an_error_that_names_it(storage: Storage) -> None:
    storage.write(f"{KEY}.retired.json", b"{")
    with pytest.raises(DamagedRecordError, match=f"{KEY}.retired.json"):
        retired_since(storage, KEY)
