"""The batch that answers for a model."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.core import lookups
from functions.core.errors import ConflictError, DamagedRecordError
from functions.core.lookups import LONGEST_ID_CHARACTERS, answering_batch, id_fault, let_answer
from functions.core.storage import Storage

KEY = "models/churn/predictions.json"
FIRST, SECOND, THIRD = ((letter * 32, f"2026-11-2{place}T10:00:00.000000Z") for place, letter in enumerate("abc"))


def answers(storage: Storage) -> str | None:
    found = answering_batch(storage, "churn")
    return None if found is None else found.batch


def by_itself(storage: Storage, batch: tuple[str, str]) -> bool:
    return let_answer(storage, "churn", *batch, actor="batch", is_chosen=False)


def chosen(storage: Storage, batch: tuple[str, str]) -> bool:
    return let_answer(storage, "churn", *batch, actor="ana", is_chosen=True)


def test_a_newer_batch_takes_over_by_itself_and_an_older_one_does_not(storage: Storage) -> None:
    assert answers(storage) is None
    assert by_itself(storage, SECOND)
    assert not by_itself(storage, FIRST)
    assert by_itself(storage, SECOND)
    assert by_itself(storage, THIRD)
    found = answering_batch(storage, "churn")
    assert found is not None
    assert (found.batch, found.previous, found.actor, found.created) == (THIRD[0], SECOND[0], "batch", THIRD[1])


def test_the_batch_before_comes_back_by_one_call_and_stays(storage: Storage) -> None:
    by_itself(storage, FIRST)
    by_itself(storage, SECOND)
    assert chosen(storage, FIRST)
    found = answering_batch(storage, "churn")
    assert found is not None
    assert (found.batch, found.previous, found.replaced) == (FIRST[0], SECOND[0], (FIRST[0], SECOND[0]))
    assert not by_itself(storage, SECOND)
    assert by_itself(storage, THIRD)
    assert chosen(storage, SECOND)
    assert answers(storage) == SECOND[0]


def test_of_many_batches_the_newest_answers_whatever_their_order(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "POINTER_ATTEMPTS", 1000)
    several = [(f"{number:032}", f"2026-11-29T10:00:{number:02}.000000Z") for number in range(12)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: by_itself(storage, one), [*several[6:], *several[:6]]))
    assert answers(storage) == several[-1][0]


def test_a_pointer_that_others_change_all_the_time_is_a_conflict(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_itself(storage, FIRST)
    monkeypatch.setattr(lookups, "POINTER_ATTEMPTS", 0)
    with pytest.raises(ConflictError, match="try again"):
        by_itself(storage, SECOND)


def test_a_pointer_that_cannot_be_read_is_said_to_be_damaged(storage: Storage) -> None:
    storage.write(KEY, b"{}")
    with pytest.raises(DamagedRecordError, match=KEY):
        answers(storage)


def test_an_id_has_a_character_and_at_most_1000() -> None:
    assert [id_fault(one) for one in ("a/b", "ñ", "x" * LONGEST_ID_CHARACTERS)] == [None] * 3
    assert id_fault("") == ("no id, by which the prediction would be looked up", "missing")
    assert id_fault("x" * 1001) == ("an id of 1001 characters is longer than 1000", "string_too_long")
