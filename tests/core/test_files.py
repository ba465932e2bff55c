"""Files read whole: their bytes, or an error that names the file and the reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from functions.core.errors import DamagedVersionError, DefinitionError, DespliegueError, Fault, InvalidInputError
from functions.core.files import given_size, read_given, read_required


def test_the_bytes_of_a_file_are_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"\xffa\r\n")
    assert given_size(path) == 4
    assert read_given(path) == read_required(path, DefinitionError) == b"\xffa\r\n"


@pytest.mark.parametrize("look", [given_size, read_given])
def test_a_file_that_a_person_named_is_a_fault_under_its_path(tmp_path: Path, look: Callable[[Path], object]) -> None:
    path = tmp_path / "none.csv"
    with pytest.raises(InvalidInputError) as caught:
        look(path)
    assert caught.value.faults == (Fault((str(path),), "cannot be read: No such file or directory", "unreadable"),)


@pytest.mark.parametrize("kind", [DefinitionError, DamagedVersionError])
def test_a_required_file_is_refused_by_the_error_of_its_owner(tmp_path: Path, kind: type[DespliegueError]) -> None:
    with pytest.raises(kind) as missing:
        read_required(tmp_path / "none", kind)
    assert str(missing.value) == f"{tmp_path / 'none'} is missing"
    with pytest.raises(kind) as folder:
        read_required(tmp_path, kind)
    assert str(folder.value) == f"{tmp_path} cannot be read: Is a directory"
