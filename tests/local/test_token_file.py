"""The file of the tokens: written whole and for its owner alone, and whole after every race."""

from __future__ import annotations

import os
import re
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from functions.core.errors import ConflictError, DamagedRecordError, DiskError, NotFoundError
from functions.core.tokens import TokenRecord, TokenRecords, make_token
from functions.local.token_file import LOST_RACES, TokenFile, TokenFileError
from tests.disks import Disk

NOW = datetime.now(UTC)
POSIX = pytest.mark.skipif(os.name != "posix", reason="SKIPPED: modes are those of POSIX")


def token(name: str) -> TokenRecord:
    return make_token(name, ["predict"], now=NOW)[0]


def names(tokens: TokenRecords) -> list[str]:
    return [one.name for one in tokens.tokens]


@pytest.fixture
def file(tmp_path: Path) -> TokenFile:
    return TokenFile(tmp_path / "tokens.json")


def add(file: TokenFile, name: str) -> TokenRecords:
    return file.update(lambda tokens: tokens.with_token(token(name), NOW))


def test_what_is_written_is_read(file: TokenFile) -> None:
    add(file, "ana")
    assert add(file, "bob") == file.read()
    assert names(file.read()) == ["ana", "bob"]
    file.update(lambda tokens: tokens.without_token("ana"))
    assert names(file.read()) == ["bob"]


def test_the_file_is_a_record_of_the_secret_on_aws(file: TokenFile) -> None:
    tokens = add(file, "ana")
    assert file.path.read_bytes() == tokens.to_json()


@POSIX
def test_a_file_that_is_written_belongs_to_its_writer_alone(file: TokenFile) -> None:
    before = os.umask(0)
    try:
        for name in ("ana", "bob"):
            add(file, name)
            assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    finally:
        os.umask(before)


@POSIX
@pytest.mark.parametrize("mode", [0o644, 0o660, 0o602, 0o666, 0o604, 0o601])
def test_a_file_that_others_may_read_or_write_is_refused_with_the_command_that_mends_it(
    file: TokenFile, mode: int
) -> None:
    add(file, "ana")
    file.path.chmod(mode)
    for use in (file.read, lambda: add(file, "bob")):
        with pytest.raises(TokenFileError, match=f"mode {mode:04o}.*chmod 600 {re.escape(str(file.path))}"):
            use()
    file.path.chmod(0o600)
    assert names(file.read()) == ["ana"]


@POSIX
@pytest.mark.parametrize("mode", [0o600, 0o400, 0o440, 0o640])
def test_its_group_may_read_it_as_in_a_volume_of_kubernetes(file: TokenFile, mode: int) -> None:
    add(file, "ana")
    file.path.chmod(mode)
    assert names(file.read()) == ["ana"]


def test_a_missing_file_is_refused_with_the_command_that_makes_it(file: TokenFile) -> None:
    command = f"despliegue token create NAME --scope SCOPE --file {re.escape(str(file.path))}"
    with pytest.raises(TokenFileError, match=f"missing.*{command}"):
        file.read()
    with pytest.raises(NotFoundError):
        file.update(lambda tokens: tokens.without_token("ana"))
    assert not file.path.exists()


def test_a_folder_in_its_place_is_reported(tmp_path: Path) -> None:
    with pytest.raises(TokenFileError, match="cannot be read: "):
        TokenFile(tmp_path).read()


def test_a_damaged_file_is_named_and_not_quoted_and_not_overwritten(file: TokenFile) -> None:
    file.path.touch(mode=0o600)
    file.path.write_text('{"tokens": "dsp_pasted"}')
    for use in (file.read, lambda: add(file, "ana")):
        with pytest.raises(DamagedRecordError, match=re.escape(str(file.path))) as caught:
            use()
        assert "pasted" not in str(caught.value)
    assert file.path.read_text() == '{"tokens": "dsp_pasted"}'


@pytest.mark.skipif(os.name == "nt", reason="SKIPPED: Windows lets not everybody make links")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "tokens.json"
    link.symlink_to(tmp_path / "elsewhere" / "real.json")
    add(TokenFile(link), "ana")
    assert link.is_symlink()
    assert names(TokenFile(tmp_path / "elsewhere" / "real.json").read()) == ["ana"]


def test_a_read_only_disk_is_reported_and_leaves_the_file(disk: Disk) -> None:
    file = TokenFile(disk.path / "tokens.json")
    add(file, "ana")
    disk.make_read_only()
    with pytest.raises(DiskError, match="Read-only file system"):
        add(file, "bob")
    assert names(file.read()) == ["ana"]


def test_writers_at_once_lose_nothing(file: TokenFile) -> None:
    wanted = [f"client-{number}" for number in range(LOST_RACES)]
    start = threading.Barrier(len(wanted))

    def write(name: str) -> None:
        start.wait()
        add(file, name)

    with ThreadPoolExecutor(len(wanted)) as pool:
        list(pool.map(write, wanted))
    assert sorted(names(file.read())) == wanted


def test_a_change_between_the_reading_and_the_writing_is_kept(file: TokenFile) -> None:
    add(file, "ana")
    others = iter(["bob", "eve"])

    def change(tokens: TokenRecords) -> TokenRecords:
        if (name := next(others, None)) is not None:
            add(TokenFile(file.path), name)
        return tokens.with_token(token("carla"), NOW)

    file.update(change)
    assert names(file.read()) == ["ana", "bob", "eve", "carla"]


def test_a_file_that_changes_all_the_time_is_given_up(file: TokenFile) -> None:
    numbers = iter(range(100))

    def change(tokens: TokenRecords) -> TokenRecords:
        add(TokenFile(file.path), f"other-{next(numbers)}")
        return tokens

    with pytest.raises(ConflictError, match="try again later"):
        file.update(change)
