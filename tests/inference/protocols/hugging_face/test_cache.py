"""The cache of answers is bounded, and never answers another question."""

from __future__ import annotations

from functions.inference.protocols.hugging_face.cache import AnswerCache, cache_key


def test_the_answer_used_longest_ago_goes_first() -> None:
    cache = AnswerCache(max_entries=2)
    cache.put(b"a", b"1")
    cache.put(b"b", b"2")
    assert cache.get(b"a") == b"1"
    cache.put(b"c", b"3")
    assert [cache.get(key) for key in (b"a", b"b", b"c")] == [b"1", None, b"3"]


def test_bytes_are_bounded_too() -> None:
    cache = AnswerCache(max_bytes=10)
    for key in (b"a", b"b", b"c"):
        cache.put(key, b"x" * 4)
    assert [cache.get(key) for key in (b"a", b"b", b"c")] == [None, b"x" * 4, b"x" * 4]
    cache.put(b"d", b"x" * 11)
    assert cache.get(b"d") is None
    assert cache.get(b"c") == b"x" * 4


def test_an_answer_put_again_counts_once() -> None:
    cache = AnswerCache(max_bytes=10)
    for _ in range(5):
        cache.put(b"a", b"x" * 6)
    cache.put(b"b", b"x" * 4)
    assert cache.get(b"a") == b"x" * 6


def test_model_version_its_time_and_content_make_the_key() -> None:
    keys = [("a", 1, "9", b"x"), ("a", 2, "9", b"x"), ("a", 1, "9", b"y"), ("b", 1, "9", b"x"), ("a", 1, "99", b"")]
    keys += [("a", 1, "8", b"x"), ("a", 11, "9", b"")]
    assert len({cache_key(*one) for one in keys}) == len(keys)
