"""Signatures: of their parts, in their order, by one process."""

from __future__ import annotations

import pytest

from functions.local.signer import Signer


def test_a_signature_is_of_its_parts() -> None:
    signer = Signer()
    assert signer.has_signed(signer.sign("a", "b"), "a", "b")


@pytest.mark.parametrize("parts", [("b", "a"), ("a",), ("a", "b", ""), ("ab",), ("a", "c")])
def test_other_parts_are_not_signed(parts: tuple[str, ...]) -> None:
    signer = Signer()
    assert not signer.has_signed(signer.sign("a", "b"), *parts)


@pytest.mark.parametrize("signature", ["", "0" * 64, "ñ"])
def test_what_is_no_signature_is_refused(signature: str) -> None:
    assert not Signer().has_signed(signature, "a")


def test_another_process_has_another_key() -> None:
    assert not Signer().has_signed(Signer().sign("a"), "a")
