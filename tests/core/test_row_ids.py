"""Digests of the ids of rows: they find the rows of a person, and do not say who it is."""

from __future__ import annotations

from functions.core.row_ids import RowIds, delete_ids, joined, store_ids, stored_ids, with_ids
from functions.core.storage import Storage

DIGEST = "a" * 64
NONE = RowIds("churn", "key", ())
IDS = NONE.extended(("ana", None, "eva", "ana"))


def test_rows_of_an_id_are_found_and_rows_without_one_are_of_nobody() -> None:
    assert IDS.of("ana") == [True, False, False, True]
    assert IDS.of("eva") == [False, False, True, False]
    assert IDS.of("None") == [False] * 4


def test_no_id_can_be_read_and_tables_of_other_keys_share_no_digest() -> None:
    assert "ana" not in repr(IDS)
    other = RowIds("churn", "other", ()).extended(("ana", "eva"))
    assert not {*other.digests} & {*IDS.digests}


def test_any_text_is_an_id() -> None:
    for text in ("ñ", "\ud800", "x" * 10_000):
        assert NONE.extended((text, "other")).of(text) == [True, False]


def test_kept_rows_keep_their_ids() -> None:
    assert IDS.kept([True, True, False, True]).of("ana") == [True, False, True]


def test_ids_are_stored_once_and_equal_tables_may_have_several(storage: Storage) -> None:
    others = RowIds("churn", "key", ()).extended(("bo", "cy", "di", "ed"))
    for parts in ((IDS,), (IDS,), (others,)):
        store_ids(storage, DIGEST, parts)
    assert sorted(map(repr, stored_ids(storage, DIGEST))) == sorted(map(repr, (IDS, others)))
    assert with_ids(storage.children("data")) == {DIGEST}
    delete_ids(storage, DIGEST)
    assert (stored_ids(storage, DIGEST), storage.keys("data")) == ((), [])


class TestJoining:
    """Rows of production, followed by new ones."""

    def test_ids_of_both_are_found(self) -> None:
        (part,) = joined([IDS], ("ana", "flo"), RowIds("churn", "new", (None,) * 4), 2)
        assert part.of("ana") == [True, False, False, True, True, False]
        assert part.of("flo") == [False] * 5 + [True]

    def test_new_rows_without_ids_follow_known_ones(self) -> None:
        (part,) = joined([IDS], None, RowIds("churn", "new", (None,) * 4), 2)
        assert part.digests == (*IDS.digests, None, None)

    def test_known_ones_follow_rows_without_ids(self) -> None:
        (part,) = joined([], ("ana",), RowIds("churn", "new", (None,) * 2), 1)
        assert part.of("ana") == [False, False, True]

    def test_where_no_id_is_known_there_is_nothing(self) -> None:
        assert joined([], None, RowIds("churn", "new", (None,) * 2), 1) == ()

    def test_every_part_goes_on(self) -> None:
        others = RowIds("churn", "key", ()).extended(("bo", "cy", "di", "ana"))
        parts = joined([IDS, others], ("ana",), RowIds("churn", "new", (None,) * 4), 1)
        assert [part.of("ana") for part in parts] == [[True, False, False, True, True], [False] * 3 + [True] * 2]

    def test_ids_of_another_table_or_model_are_not_given_to_these_rows(self) -> None:
        first = RowIds("churn", "new", (None,) * 3)
        (part,) = joined([IDS], ("ana",), first, 1)
        assert part.of("ana") == [False, False, False, True]
        (part,) = joined([RowIds("other", "key", ("x", "y", "z"))], ("ana",), first, 1)
        assert part.digests[:3] == (None, None, None)
