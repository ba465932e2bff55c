"""Records that Despliegue wrote: read by their types, and never quoted in an error."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from functions.core.errors import DamagedRecordError
from functions.core.records import read_record


@dataclass(frozen=True, slots=True)
class Promotion:
    version: int
    actor: str
    pinned: bool = False


def test_a_record_is_read_with_the_defaults_of_its_class() -> None:
    assert read_record(b'{"version": 3, "actor": "ana"}', Promotion, "key") == Promotion(3, "ana")


def test_a_key_of_a_newer_despliegue_is_ignored() -> None:
    body = b'{"version": 3, "actor": "ana", "pinned": true, "unheard": {"of": 1}}'
    assert read_record(body, Promotion, "key") == Promotion(3, "ana", pinned=True)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"\xff", b'{"version": 3}', b'{"version": "3", "actor": "ana"}', b"[" * 100_000],
)
def test_a_damaged_record_is_named_by_its_key(body: bytes) -> None:
    with pytest.raises(DamagedRecordError, match=r"^models/churn/production\.json cannot be read: "):
        read_record(body, Promotion, "models/churn/production.json")


@pytest.mark.parametrize("body", [b"dsp_secret", b'"dsp_secret"', b'{"version": "dsp_secret", "actor": "ana"}'])
def test_no_error_quotes_a_value(body: bytes) -> None:
    with pytest.raises(DamagedRecordError) as caught:
        read_record(body, Promotion, "key")
    assert "secret" not in str(caught.value)
