"""Excerpts of the history of promotions, whole and damaged, on a folder and on S3."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from functions.core.excerpts import Excerpt
from functions.core.history import Production, Promotions
from functions.core.storage import Storage


def promotion(serial: int, *, actor: str = "ana") -> Production:
    return Production(version=serial, serial=serial, previous=None, actor=actor, time="now", data_time="then")


@pytest.fixture
def history(storage: Storage) -> Promotions:
    return Promotions(storage, "m")


def record(history: Promotions, serials: Sequence[int]) -> None:
    for serial in serials:
        history.record(promotion(serial))


def serials_of(excerpt: Excerpt[Production]) -> list[int]:
    return [one.serial for one in excerpt.entries]


def test_a_record_never_changes(history: Promotions) -> None:
    record(history, [1])
    history.record(promotion(1, actor="luis"))
    assert history.newest_first(None, 0, None).entries == [promotion(1)]


def test_excerpts_are_newest_first_by_number(history: Promotions) -> None:
    record(history, [*range(1, 12), 20])
    current = promotion(20)
    assert [serials_of(history.newest_first(current, start, 5)) for start in (0, 5, 10, 15)] == [
        [20, 11, 10, 9, 8],
        [7, 6, 5, 4, 3],
        [2, 1],
        [],
    ]
    assert history.newest_first(current, 5, 5).total == 12


def test_what_is_in_production_is_there_without_its_record(history: Promotions, storage: Storage) -> None:
    record(history, [1, 2])
    before = storage.keys("")
    assert history.newest_first(promotion(3), 0, None) == Excerpt([promotion(3), promotion(2), promotion(1)], 3)
    assert history.newest_first(promotion(3), 2, 1) == Excerpt([promotion(1)], 3)
    assert storage.keys("") == before


@pytest.mark.parametrize("body", [b"", b"{", b'{"serial": 3}'])
def test_what_is_in_production_takes_the_place_of_its_damaged_record(
    history: Promotions, storage: Storage, body: bytes
) -> None:
    record(history, [1, 2, 3])
    storage.write("models/m/history/3.json", body)
    assert history.newest_first(promotion(3), 0, 2) == Excerpt([promotion(3), promotion(2)], 3)
    assert history.newest_first(None, 0, None) == Excerpt([promotion(2), promotion(1)], 2)


def test_a_record_that_differs_from_what_is_in_production_is_kept_after_it(history: Promotions) -> None:
    record(history, [1, 2, 3])
    other = promotion(2, actor="luis")
    assert history.newest_first(other, 0, None).entries == [promotion(3), other, promotion(2), promotion(1)]


def test_a_damaged_record_is_left_out_named_and_moves_no_other_page(
    history: Promotions, storage: Storage, caplog: pytest.LogCaptureFixture
) -> None:
    record(history, range(1, 6))
    storage.write("models/m/history/4.json", b'{"serial": 4')
    pages = [history.newest_first(promotion(5), start, 2) for start in (0, 2, 4)]
    assert [(serials_of(page), page.total) for page in pages] == [([5], 5), ([3, 2], 5), ([1], 5)]
    assert "models/m/history/4.json cannot be read" in caplog.text
    assert history.newest_first(promotion(5), 0, 50).total == 4


def test_a_record_that_vanishes_after_the_list_is_left_out(
    history: Promotions, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(history, range(1, 4))
    listed = storage.children("models/m/history")
    storage.delete("models/m/history/2.json")
    monkeypatch.setattr(storage, "children", lambda prefix: listed)
    assert serials_of(history.newest_first(promotion(3), 0, 3)) == [3, 1]


@pytest.mark.parametrize("name", ["0.json", "07.json", "x.json", "3", "3.txt"])
def test_other_names_are_no_records(history: Promotions, storage: Storage, name: str) -> None:
    record(history, [1, 2])
    storage.write(f"models/m/history/{name}", promotion(3).to_json())
    assert history.newest_first(None, 0, None) == Excerpt([promotion(2), promotion(1)], 2)


def test_the_newest_record_is_the_newest_that_can_be_read(history: Promotions, storage: Storage) -> None:
    assert history.newest() is None
    record(history, [1, 9, 10])
    assert history.newest() == promotion(10)
    storage.write("models/m/history/10.json", b"")
    assert history.newest() == promotion(9)
