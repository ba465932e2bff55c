"""The contract of PredictionStore, on every kind of store, and the batch that answers for a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from functions.aws.prediction_table import PredictionTable
from functions.core import lookups
from functions.core.clock import now
from functions.core.errors import ConflictError, DamagedRecordError, Fault
from functions.core.lookups import (
    LONGEST_ID_CHARACTERS,
    PredictionStore,
    StoredPrediction,
    answering_batch,
    id_fault,
    let_answer,
)
from functions.core.storage import Storage
from functions.core.validator import ID_FAULT
from functions.local.prediction_database import PredictionDatabase
from tests.predictions_in_memory import PredictionsInMemory

ONE, OTHER = "a" * 32, "b" * 32
LONG_IDS = ["x" * LONGEST_ID_CHARACTERS, "😀" * LONGEST_ID_CHARACTERS]
ODD_IDS = ["a/b", "../x", "ñ😀", " ", "'; --", "a\0b", "A", "007", "7", "\n", *LONG_IDS]
KEY = "models/churn/predictions.json"
FIRST, SECOND, THIRD = ((letter * 32, f"2026-11-2{place}T10:00:00.000000Z") for place, letter in enumerate("abc"))


@pytest.fixture(params=["memory", "sqlite", "dynamodb"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PredictionStore]:
    """Every test that asks for it runs on each kind of store."""
    if request.param == "memory":
        yield PredictionsInMemory()
    elif request.param == "dynamodb":
        yield PredictionTable(request.getfixturevalue("predictions_table"), days=1)
    else:
        with closing(PredictionDatabase(tmp_path / "predictions")) as database:
            yield database


def stored(key: str, prediction: Any = 1.5, line: int = 2, warnings: Sequence[Fault] = ()) -> StoredPrediction:
    return StoredPrediction(key, line, prediction, tuple(warning.to_dict() for warning in warnings))


def test_predictions_are_read_by_their_ids(store: PredictionStore) -> None:
    label = {"label": "yes", "score": 0.1 + 0.2, "scores": {"no": 1 / 3, "yes": 0.1 + 0.2}}
    found = [stored("7", label, 10**9), stored("8", 1e-300, 3, [Fault(("a",), "ñ", "kind")])]
    store.write("churn", ONE, found)
    assert store.read("churn", ONE, ["8", "none", "7"]) == {one.id: one for one in found}
    assert store.read("churn", ONE, []) == {}


def test_any_text_is_an_id(store: PredictionStore) -> None:
    found = {key: stored(key, float(place)) for place, key in enumerate(ODD_IDS)}
    store.write("churn", ONE, list(found.values()))
    assert store.read("churn", ONE, ODD_IDS) == found
    assert store.read("churn", ONE, ["a", "07", "%", "x" * 999]) == {}


def test_what_is_written_again_is_written_over(store: PredictionStore) -> None:
    store.write("churn", ONE, [stored("7", 1.0), stored("8", 1.0)])
    store.write("churn", ONE, [stored("7", 2.0)])
    store.write("churn", ONE, [])
    assert [one.prediction for one in store.read("churn", ONE, ["7", "8"]).values()] == [2.0, 1.0]


def test_batches_are_apart(store: PredictionStore) -> None:
    for model, batch, value in (("churn", ONE, 1.0), ("churn", OTHER, 2.0), ("churn-2", ONE, 3.0)):
        store.write(model, batch, [stored("7", value)])
    assert store.read("churn", ONE, ["7"])["7"].prediction == 1.0
    assert store.read("churn-2", ONE, ["7"])["7"].prediction == 3.0
    assert store.read("churn-2", OTHER, ["7"]) == {}


def test_a_deleted_batch_is_gone_and_no_other_is(store: PredictionStore) -> None:
    for batch in (ONE, OTHER):
        store.write("churn", batch, [stored("7", 2.0)])
    store.delete("churn", ONE)
    store.delete("churn", ONE)
    assert store.read("churn", OTHER, ["7"])["7"].prediction == 2.0
    if not isinstance(store, PredictionTable):  # whose items expire
        assert store.read("churn", ONE, ["7"]) == {}
    store.write("churn", ONE, [stored("8")])
    assert "8" in store.read("churn", ONE, ["7", "8"])


def test_thousands_are_written_and_read_at_once(store: PredictionStore) -> None:
    found = {f"id {number}": stored(f"id {number}", float(number), number) for number in range(2000)}
    store.write("churn", ONE, list(found.values()))
    assert store.read("churn", ONE, list(found)) == found


def test_single_predictions_are_removed_at_once(store: PredictionStore) -> None:
    store.write("churn", ONE, [stored("eva"), stored("ana")])
    store.remove("churn", ONE, ["eva", "nobody"])
    assert store.read("churn", ONE, ["eva", "ana"]).keys() == {"ana"}
    store.remove("churn", "f" * 32, ["ana"])
    assert store.read("churn", ONE, ["ana"]).keys() == {"ana"}


def test_many_threads_write_at_once(store: PredictionStore) -> None:
    def write(writer: int) -> None:
        for start in range(0, 200, 50):
            store.write("churn", ONE, [stored(f"{writer}-{number}") for number in range(start, start + 50)])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert len(store.read("churn", ONE, [f"{writer}-{number}" for writer in range(8) for number in range(200)])) == 1600


def answers(storage: Storage) -> str | None:
    found = answering_batch(storage, "churn")
    return None if found is None else found.batch


def by_itself(storage: Storage, batch: tuple[str, str]) -> bool:
    return let_answer(storage, "churn", *batch, actor="batch", ended=now())


def chosen(storage: Storage, batch: tuple[str, str]) -> bool:
    return let_answer(storage, "churn", *batch, actor="ana")


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


def test_a_batch_that_ended_before_a_person_chose_another_does_not_take_over_late(storage: Storage) -> None:
    ended = now()
    by_itself(storage, FIRST)
    assert let_answer(storage, "churn", *SECOND, actor="batch", ended=ended), "what took over by itself is no choice"
    chosen(storage, FIRST)
    assert not let_answer(storage, "churn", *THIRD, actor="batch", ended=ended)
    assert by_itself(storage, THIRD)


def test_of_many_batches_the_newest_answers_in_any_order(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
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
    assert id_fault("") == (f"no id, by which the prediction would be looked up; {ID_FAULT}", "missing")
    assert id_fault("x" * 1001) == ("an id of 1001 characters is longer than 1000", "string_too_long")
