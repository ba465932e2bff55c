"""Verdicts on versions, and the outcome that follows from a verdict and the production of the moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.core.history import Production
from functions.core.storage import Storage
from functions.core.verdicts import Outcome, Verdict, outcomes, read_verdict, record_verdict

REFUSED = Verdict(promoted=False, reason="r2 0.1 is below the floor 0.3", actor="ana", production_metrics={"r2": None})
PROMOTED = Verdict(promoted=True, reason="the gate let it pass", actor="ana")


def serving(version: int, reason: str | None) -> Production:
    time = "2026-01-01T00:00:00.000000Z"
    return Production(version, 1, None, actor="luis", time=time, data_time=time, reason=reason)


def test_a_verdict_is_read_as_it_was_recorded_and_the_last_one_counts(storage: Storage) -> None:
    assert read_verdict(storage, "rent", 3) is None
    for verdict in (REFUSED, PROMOTED):
        record_verdict(storage, "rent", 3, verdict)
        assert read_verdict(storage, "rent", 3) == verdict


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"promoted": "yes"}'])
def test_a_damaged_verdict_is_logged_and_none(storage: Storage, body: bytes, caplog: pytest.LogCaptureFixture) -> None:
    storage.write("models/rent/versions/3/verdict.json", body)
    assert read_verdict(storage, "rent", 3) is None
    assert "models/rent/versions/3/verdict.json cannot be read" in caplog.text


def test_what_serves_has_the_reason_of_its_promotion_and_all_others_their_verdict(storage: Storage) -> None:
    record_verdict(storage, "rent", 1, PROMOTED)
    record_verdict(storage, "rent", 2, REFUSED)
    first, second = outcomes(storage, "rent", [1, 2], serving(2, "chosen by hand"))
    assert first == Outcome(True, "the gate let it pass", in_production=False)
    assert second == Outcome(True, "chosen by hand", in_production=True, production_metrics={"r2": None})
    assert second.sentence == "promoted: chosen by hand"
    (refused,) = outcomes(storage, "rent", [2], None)
    assert refused.sentence == "not promoted: r2 0.1 is below the floor 0.3"


def test_versions_and_promotions_of_older_releases_have_no_reason(storage: Storage) -> None:
    before, serves = outcomes(storage, "rent", [1, 2], serving(2, None))
    assert (before, before.sentence) == (Outcome(None, None, in_production=False), "")
    assert (serves, serves.sentence) == (Outcome(True, None, in_production=True), "promoted")


def test_a_list_reads_the_verdicts_of_a_hundred_versions_at_once(storage: Storage) -> None:
    for version in (1, 99, 100, 101):
        record_verdict(storage, "rent", version, PROMOTED if version % 2 else REFUSED)
    for version in (1, 99, 100, 101):
        storage.delete(f"models/rent/versions/{version}/verdict.json")
    assert [one.promoted for one in outcomes(storage, "rent", [1, 50, 99, 100, 101], None)] == [
        True,
        None,
        True,
        False,
        True,
    ]
    assert storage.keys("models/rent/verdicts") == ["models/rent/verdicts/0.json", "models/rent/verdicts/1.json"]


def test_verdicts_that_are_noted_at_the_same_time_are_all_there(storage: Storage) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda version: record_verdict(storage, "rent", version, PROMOTED), range(1, 9)))
    assert all(one.promoted for one in outcomes(storage, "rent", range(1, 9), None))


def test_a_damaged_note_is_logged_and_replaced_by_the_next_verdict(
    storage: Storage, caplog: pytest.LogCaptureFixture
) -> None:
    storage.write("models/rent/verdicts/0.json", b"[")
    assert [one.promoted for one in outcomes(storage, "rent", [1, 2], None)] == [None, None]
    assert "models/rent/verdicts/0.json cannot be read" in caplog.text
    record_verdict(storage, "rent", 1, PROMOTED)
    assert outcomes(storage, "rent", [1, 2], None)[0].promoted
