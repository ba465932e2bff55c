"""Files that are in use on Windows, as it reports them: tried again for a while, and no other refusal is."""

from __future__ import annotations

import pytest

from functions.core import file_sharing
from functions.core.file_sharing import patiently
from tests.sharing_violations import in_use


def test_a_file_in_use_is_tried_again() -> None:
    refusals = [in_use("k"), in_use("k")]

    def act() -> str:
        if refusals:
            raise refusals.pop()
        return "done"

    assert patiently(act) == "done"


def test_a_file_that_stays_in_use_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_sharing, "PATIENCE_SECONDS", 0.05)

    def act() -> None:
        raise in_use("k")

    with pytest.raises(PermissionError, match="k"):
        patiently(act)


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied", "k"), FileNotFoundError(2, "gone", "k")])
def test_other_refusals_are_reported_at_once(error: OSError) -> None:
    tried = []

    def act() -> None:
        tried.append(1)
        raise error

    with pytest.raises(type(error)):
        patiently(act)
    assert len(tried) == 1
