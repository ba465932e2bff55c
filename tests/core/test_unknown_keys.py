"""Unknown keys of what a client sent, as many as an answer lists."""

from __future__ import annotations

from functions.core.errors import MAX_FAULTS
from functions.core.unknown_keys import unknown_keys, with_few_unknown


def test_unknown_keys_come_in_the_order_of_the_object() -> None:
    assert unknown_keys({"b": 1, "known": 2, "a": 3}, ("known", "absent")) == ["b", "a"]


def test_an_object_loses_only_unknown_keys_that_no_answer_lists() -> None:
    few = {"b": 1, "known": 2, "a": 3}
    assert list(with_few_unknown(few, {"known", "absent"}).items()) == list(few.items())
    names = [str(number) for number in range(MAX_FAULTS + 2)]
    many = {**dict.fromkeys(names), "known": 1}
    assert unknown_keys(many, {"known"}) == names[:MAX_FAULTS]
    assert list(with_few_unknown(many, {"known"})) == [*names[:MAX_FAULTS], "known"]
