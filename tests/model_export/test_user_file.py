"""Files that the user names: read whole, or refused with their path."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.core.errors import Fault, InvalidInputError
from model_export.user_file import read_user_file


@pytest.mark.parametrize("max_bytes", [None, 5])
def test_a_file_of_at_most_the_limit_is_read(tmp_path: Path, max_bytes: int | None) -> None:
    (tmp_path / "rows.csv").write_bytes(b"a\n1\n2")
    assert read_user_file(tmp_path / "rows.csv", max_bytes) == b"a\n1\n2"


def test_a_larger_file_is_refused_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"a\n1\n2")
    with pytest.raises(InvalidInputError) as refusal:
        read_user_file(path, 4)
    assert refusal.value.faults == (Fault((str(path),), "the file is larger than 4 bytes", "too_large"),)


@pytest.mark.parametrize(("name", "reason"), [("absent.csv", "No such file or directory"), ("", "Is a directory")])
@pytest.mark.parametrize("max_bytes", [None, 1_000_000])
def test_a_file_that_cannot_be_read_is_refused_with_its_path_and_the_reason(
    tmp_path: Path, name: str, reason: str, max_bytes: int | None
) -> None:
    path = tmp_path / name
    with pytest.raises(InvalidInputError) as refusal:
        read_user_file(path, max_bytes)
    assert refusal.value.faults == (Fault((str(path),), f"cannot be read: {reason}", "unreadable"),)
