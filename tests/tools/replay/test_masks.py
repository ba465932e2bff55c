"""Masks, which hide only values that a play itself makes."""

from __future__ import annotations

import pytest

from tools.replay.masks import Masks, Session

OLD = "0123456789abcdef0123456789abcdef"
NEW = "fedcba9876543210fedcba9876543210"
OTHER = "00000000000000000000000000000001"
SESSION = Session(
    "2026-03-01T10:00:00+00:00",
    "2026-03-01T10:05:00+00:00",
    {"server": "http://127.0.0.1:41234", "home": "/tmp/replay-x/home"},  # noqa: S108
)


def masks() -> Masks:
    return Masks(SESSION, frozenset({OLD}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"time":"2026-03-01T10:01:02.345678Z"', '"time":"<time>"'),
        ('"created":"2026-02-28T10:01:02.345678Z"', '"created":"2026-02-28T10:01:02.345678Z"'),
        (f"/models/churn/jobs/{OLD}", f"/models/churn/jobs/{OLD}"),
        (f'"{NEW}" then "{OTHER}" then "{NEW}"', '"<id 1>" then "<id 2>" then "<id 1>"'),
        (f'"sha256":"{NEW}{NEW}"', f'"sha256":"{NEW}{NEW}"'),
        ("http://127.0.0.1:41234/local-uploads", "<server>/local-uploads"),
        ("/tmp/replay-x/home/registry: no space", "<home>/registry: no space"),  # noqa: S108
        (f'"expires":"1772359502","signature":"{NEW}{NEW}"', '"expires":"<signed>","signature":"<signed>"'),
        ('"expires_seconds":3600,"score":0.25,"rows":20', '"expires_seconds":3600,"score":0.25,"rows":20'),
    ],
)
def test_values_of_one_play_are_masked(text: str, expected: str) -> None:
    assert masks().mask(text) == expected


def test_ids_are_numbered_over_all_answers_of_a_play() -> None:
    one = masks()
    assert [one.mask(text) for text in (OTHER, NEW, OTHER)] == ["<id 1>", "<id 2>", "<id 1>"]
