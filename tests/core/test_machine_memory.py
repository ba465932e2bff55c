"""The memory of a trainer: of a Lambda function all of it, else half of the container or the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from functions.core import machine_memory
from functions.core.machine_memory import MIB, UNKNOWN_BYTES, trainer_memory_bytes


def test_a_function_has_all_of_its_memory() -> None:
    assert trainer_memory_bytes({"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "3008"}, []) == 3008 * MIB


def test_a_machine_shares_its_memory_with_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sysconf", {"SC_PHYS_PAGES": 1000, "SC_PAGE_SIZE": 4096}.__getitem__)
    assert trainer_memory_bytes({}, []) == 1000 * 4096 // 2


@pytest.mark.parametrize(("text", "expected"), [("1048576\n", 1048576 // 2), ("max\n", 1000 * 4096 // 2)])
def test_a_container_has_its_limit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, expected: int) -> None:
    monkeypatch.setattr("os.sysconf", {"SC_PHYS_PAGES": 1000, "SC_PAGE_SIZE": 4096}.__getitem__)
    limit = tmp_path / "memory.max"
    limit.write_text(text)
    assert trainer_memory_bytes({}, [tmp_path / "absent", limit]) == expected


def test_a_limit_above_the_memory_of_the_machine_means_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine_memory, "_of_machine", lambda: 4096)
    limit = tmp_path / "memory.limit_in_bytes"
    limit.write_text("9223372036854771712\n")
    assert trainer_memory_bytes({}, [limit]) == 2048


def test_a_system_that_does_not_tell_has_four_gigabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.sysconf")
    assert trainer_memory_bytes({}, []) == UNKNOWN_BYTES // 2


def test_this_machine_tells() -> None:
    assert trainer_memory_bytes() > 64 * MIB
